#include "conformance/providers/cimxml/test/scripted_server.hpp"

#include "model/wire/http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace lockstep::conformance {
namespace {

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return {};
  const std::size_t first = at + before.size();
  return text.substr(first, text.find(after, first) - first);
}

bool readable(int socket) {
  pollfd polled{socket, POLLIN, 0};
  return ::poll(&polled, 1, 20) > 0;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

ScriptedServer::ScriptedServer(Answer answer, const tls::Context* tls)
    : answer_(std::move(answer)), tls_(tls) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  static_cast<void>(::bind(listener_, raw, length));
  static_cast<void>(::listen(listener_, 16));
  static_cast<void>(::getsockname(listener_, raw, &length));
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  stop_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedServer::accept_all() {
  while (!stop_) {
    if (!readable(listener_)) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    threads_.emplace_back([this, socket] {
      serve(socket);
      ::close(socket);
    });
  }
}

void ScriptedServer::serve(int socket) {
  std::optional<tls::Stream> stream;
  if (tls_ != nullptr) stream.emplace(tls::Stream::to_client(*tls_));
  const auto send = [&](std::string_view bytes) {
    if (!stream) return send_all(socket, bytes);
    return stream->write(bytes) && send_all(socket, stream->take_outgoing());
  };
  for (;;) {
    wire::HttpReader reader(wire::HttpKind::Request);
    std::string request;
    while (!reader.complete()) {
      if (stop_) return;
      if (!readable(socket)) continue;
      char bytes[16 * 1024];
      const auto received = ::recv(socket, bytes, sizeof bytes, 0);
      if (received <= 0) return;
      std::string piece(bytes, static_cast<std::size_t>(received));
      if (stream) {
        const auto failure = stream->receive(piece);
        if (!send_all(socket, stream->take_outgoing()) || failure) return;
        piece = stream->take_plain();
      }
      request += piece;
      if (reader.feed(piece)) return;
    }
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const Script script = answer_(request);
    for (std::size_t round = 0; round < script.repeat; ++round) {
      for (const std::string& piece : script.pieces) {
        if (stop_ || !send(piece)) return;
        if (script.pause.count() > 0) std::this_thread::sleep_for(script.pause);
      }
    }
    while (script.then_hang && !stop_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (script.then_cut) return;
    if (!script.then_close) continue;
    if (stream) {
      stream->end();
      static_cast<void>(send_all(socket, stream->take_outgoing()));
    }
    return;
  }
}

std::string message_id(const std::string& request) {
  return between(request, "<MESSAGE ID=\"", "\"");
}

std::string called_method(const std::string& request) {
  return between(request, "METHODCALL NAME=\"", "\"");
}

bool is_intrinsic(const std::string& request) {
  return request.find("<IMETHODCALL") != std::string::npos;
}

std::string good_http(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=\"utf-8\"\r\n"
         "CIMOperation: MethodResponse\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string envelope(const std::string& request, const std::string& inside) {
  const std::string kind = is_intrinsic(request) ? "IMETHODRESPONSE" : "METHODRESPONSE";
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">"
         "<MESSAGE ID=\"" +
         message_id(request) + "\" PROTOCOLVERSION=\"1.0\"><SIMPLERSP><" + kind + " NAME=\"" +
         called_method(request) + "\">" + inside + "</" + kind + "></SIMPLERSP></MESSAGE></CIM>";
}

Script say(std::string bytes) {
  Script script;
  script.pieces.push_back(std::move(bytes));
  return script;
}

}  // namespace lockstep::conformance
