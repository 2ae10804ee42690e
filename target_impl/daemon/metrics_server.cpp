#include "target_impl/daemon/metrics_server.hpp"

#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/stream_handler.hpp"
#include "target_impl/transport/tcp_connection.hpp"
#include "target_impl/transport/tcp_listener.hpp"

#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

namespace lockstep::target {
namespace {

constexpr const char* kLoopback = "127.0.0.1";
constexpr std::size_t kMostRequestBytes = 4096;

std::string response(std::string_view status, std::string_view type, std::string_view body,
                     std::string_view more = "") {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\nContent-Type: ";
  text += type;
  text += "\r\nContent-Length: " + std::to_string(body.size());
  text += "\r\nConnection: close\r\n";
  text += more;
  text += "\r\n";
  text += body;
  return text;
}

std::string refusal(std::string_view status, std::string_view more = "") {
  return response(status, "text/plain; charset=utf-8", std::string(status) + "\n", more);
}

}  // namespace

std::string answer_http(std::string_view request, const MetricsServer::MakeText& make_text) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return refusal("400 Bad Request");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view path = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refusal("505 HTTP Version Not Supported");
  }
  if (path != "/metrics") {
    return refusal("404 Not Found");
  }
  if (method != "GET") {
    return refusal("405 Method Not Allowed", "Allow: GET\r\n");
  }
  return response("200 OK", "text/plain; version=0.0.4; charset=utf-8", make_text());
}

struct MetricsServer::Inside {
  class Exchange;

  Status listen(const MetricsServerOptions& wanted);
  void accept(transport::FileDescriptor socket);
  void forget_later(std::uint64_t id);

  MetricsServerOptions options;
  MakeText make_text;
  std::unique_ptr<transport::EventLoop> loop;
  std::unique_ptr<transport::TcpListener> listener;
  std::map<std::uint64_t, std::unique_ptr<Exchange>> exchanges;
  std::uint64_t last_id = 0;
  std::thread thread;
};

class MetricsServer::Inside::Exchange final : public transport::StreamHandler {
 public:
  Exchange(Inside& server, std::uint64_t id, transport::FileDescriptor socket)
      : server_(server), id_(id), stream_(*server.loop, std::move(socket), *this) {}

  [[nodiscard]] transport::TcpConnection& stream() noexcept { return stream_; }

  [[nodiscard]] Spaces spaces() override {
    return {std::as_writable_bytes(std::span(request_).subspan(used_)), {}};
  }
  void received(std::size_t bytes) override { used_ += bytes; }
  [[nodiscard]] bool wants_input() const override { return answer_.empty(); }
  State process(std::size_t /*enough*/) override {
    const std::string_view request(request_.data(), used_);
    if (!answer_.empty()) {
      return State::Finished;
    }
    const std::size_t end = request.find("\r\n\r\n");
    if (end != std::string_view::npos) {
      answer_ = answer_http(request.substr(0, end + 4), server_.make_text);
    } else if (used_ == request_.size()) {
      answer_ = refusal("431 Request Header Fields Too Large");
    }
    return answer_.empty() ? State::NeedsInput : State::Finished;
  }
  [[nodiscard]] std::size_t unsent() const override { return answer_.size() - sent_; }
  [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> pieces) override {
    if (unsent() == 0) {
      return 0;
    }
    pieces[0] = std::as_bytes(std::span(answer_).subspan(sent_));
    return 1;
  }
  void sent(std::size_t bytes) override { sent_ += bytes; }
  void closed() override {
    server_.loop->cancel(deadline_);
    server_.forget_later(id_);
  }
  void close_after(std::chrono::milliseconds time) {
    deadline_ = server_.loop->after(time, [this] { stream_.close_now(); });
  }

 private:
  Inside& server_;
  const std::uint64_t id_;
  std::array<char, kMostRequestBytes> request_{};
  std::size_t used_ = 0;
  std::string answer_;
  std::size_t sent_ = 0;
  transport::EventLoop::TimerId deadline_ = 0;
  transport::TcpConnection stream_;
};

Status MetricsServer::Inside::listen(const MetricsServerOptions& wanted) {
  options = wanted;
  LOCKSTEP_TRY(loop, transport::EventLoop::create());
  LOCKSTEP_TRY(listener, transport::TcpListener::open(*loop, kLoopback, wanted.port,
                                                      [this](transport::FileDescriptor socket) {
                                                        accept(std::move(socket));
                                                      }));
  return ok();
}

void MetricsServer::Inside::accept(transport::FileDescriptor socket) {
  if (exchanges.size() >= options.most_connections) {
    return;
  }
  const std::uint64_t id = ++last_id;
  auto exchange = std::make_unique<Exchange>(*this, id, std::move(socket));
  if (!exchange->stream().start()) {
    return;
  }
  exchange->close_after(std::chrono::milliseconds(options.request_time_ms));
  exchanges.emplace(id, std::move(exchange));
}

void MetricsServer::Inside::forget_later(std::uint64_t id) {
  loop->defer([this, id] { exchanges.erase(id); });
}

MetricsServer::MetricsServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const MetricsServerOptions& options,
                                                            MakeText make_text) {
  auto inside = std::make_unique<Inside>();
  inside->make_text = std::move(make_text);
  LOCKSTEP_TRY(inside->listen(options));
  Inside* self = inside.get();
  inside->thread = std::thread([self] { self->loop->run(); });
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(inside)));
}

MetricsServer::~MetricsServer() {
  inside_->loop->post([inside = inside_.get()] {
    inside->listener.reset();
    for (auto& [id, exchange] : inside->exchanges) {
      exchange->stream().close_now();
    }
    inside->exchanges.clear();
  });
  inside_->loop->stop();
  inside_->thread.join();
}

std::uint16_t MetricsServer::port() const noexcept { return inside_->listener->port(); }

}  // namespace lockstep::target
