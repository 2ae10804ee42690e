// Joins the two halves of a connection: the TCP stream and the iSCSI protocol that runs on it.
#pragma once

#include "target_impl/daemon/iscsi_server.hpp"
#include "target_impl/iscsi/connection.hpp"
#include "target_impl/transport/stream_handler.hpp"
#include "target_impl/transport/tcp_connection.hpp"
#include "target_impl/transport/wake_together.hpp"

#include <cstdint>
#include <functional>
#include <utility>

namespace lockstep::target {

class ServerConnection final : public transport::StreamHandler, public iscsi::ConnectionHost {
 public:
  ServerConnection(IscsiServer& server, IscsiServer::Worker& worker, std::uint64_t id,
                   transport::FileDescriptor socket, std::uint16_t portal_group)
      : server_(server),
        worker_(worker),
        id_(id),
        peer_(transport::peer_endpoint(socket.get())),
        protocol_(*worker.portal, *this, transport::local_endpoint(socket.get()), portal_group),
        stream_(*worker.loop, std::move(socket), *this) {}

  ~ServerConnection() override { worker_.portal->remove_held(ring_bytes_); }

  [[nodiscard]] iscsi::Connection& protocol() noexcept { return protocol_; }
  [[nodiscard]] transport::TcpConnection& stream() noexcept { return stream_; }
  // The rings count as memory of the connection. False: no room for them, or too late.
  [[nodiscard]] bool offer_bypass(transport::bypass::Channel channel) {
    const std::size_t bytes = channel.memory_bytes();
    if (!worker_.portal->has_room(bytes, 0) || !stream_.offer(std::move(channel))) {
      return false;
    }
    ring_bytes_ = bytes;
    worker_.portal->add_held(ring_bytes_);
    return true;
  }
  // Whether bytes have come since the last call.
  [[nodiscard]] bool was_idle() noexcept { return !std::exchange(heard_, false); }

  // StreamHandler
  [[nodiscard]] Spaces spaces() override { return protocol_.spaces(); }
  [[nodiscard]] bool keeps_first_space() const override { return protocol_.keeps_first_space(); }
  void received(std::size_t bytes) override {
    heard_ = true;
    protocol_.received(bytes);
  }
  [[nodiscard]] std::size_t borrows() const override { return protocol_.borrows(); }
  void borrow(std::span<const std::byte> bytes) override {
    heard_ = true;
    protocol_.borrow(bytes);
  }
  [[nodiscard]] bool has_borrowed() const override { return protocol_.has_borrowed(); }
  [[nodiscard]] bool wants_input() const override { return protocol_.wants_input(); }
  State process(std::size_t enough) override {
    const transport::WakeTogether together;  // of all commands that have come
    switch (protocol_.process(enough)) {
      case iscsi::Connection::State::NeedsInput:
      case iscsi::Connection::State::Yields:
      case iscsi::Connection::State::Waits:
        return State::NeedsInput;
      case iscsi::Connection::State::Paused:
        return State::Paused;
      case iscsi::Connection::State::Finished:
        break;
    }
    if (const iscsi::Login* login = protocol_.failed_login()) {
      if (!std::exchange(refusal_noted_, true)) server_.note_refusal(peer_, *login);
    }
    return State::Finished;
  }
  [[nodiscard]] std::size_t unsent() const override { return protocol_.output().bytes(); }
  [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> pieces) override {
    return protocol_.output().gather(pieces);
  }
  void sent(std::size_t bytes) override { protocol_.output().sent(bytes); }
  void closed() override { server_.remove_later(worker_, id_); }

  // ConnectionHost
  void attend() override { server_.attend_later(worker_, id_); }
  [[nodiscard]] std::function<void()> waker() override {
    // Only called while the session exists, and with it the server.
    return [&server = server_, &worker = worker_, id = id_] {
      worker.loop->post([&server, &worker, id] { server.answer_late(worker, id); });
    };
  }
  [[nodiscard]] bool has_others() const noexcept override { return server_.has_several(); }
  void want_alone() override { server_.handle_alone_later(worker_, id_); }

 private:
  IscsiServer& server_;
  IscsiServer::Worker& worker_;
  const std::uint64_t id_;
  const std::string peer_;
  bool heard_ = false;
  bool refusal_noted_ = false;
  std::size_t ring_bytes_ = 0;
  iscsi::Connection protocol_;
  transport::TcpConnection stream_;
};

}  // namespace lockstep::target
