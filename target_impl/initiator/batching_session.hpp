// Session over a stream of PDUs of our own: commands that are queued together leave with one send,
// and answers are taken as many as have come with one receive. No allocation for a command once as
// many have been under way. Internal: everybody else uses Session.
#pragma once

#include "target_impl/initiator/basic_session.hpp"
#include "target_impl/initiator/batching/login.hpp"
#include "target_impl/initiator/batching/pdu_stream.hpp"
#include "target_impl/iscsi/ring.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::initiator {

class BatchingSession final : public BasicSession, private iscsi::PayloadPlacer {
 public:
  static Result<std::unique_ptr<BatchingSession>> begin(const std::string& portal,
                                                        const std::string& target_name,
                                                        const SessionOptions& options);
  ~BatchingSession() override;

  [[nodiscard]] int descriptor() const noexcept override { return socket_.get(); }
  [[nodiscard]] short events() const noexcept override;
  Status flush_submissions() override;

 private:
  BatchingSession(std::string portal, std::string target_name, const SessionOptions& options);

  void send(CommandSlot& slot) override;
  void serve(short revents) override;
  void close() noexcept override;

  void connect();
  void connection_is_made();
  // False: all that has come has been taken.
  [[nodiscard]] bool receive();
  void send_output();
  void log_out();
  void lose(Error reason) { mark_lost(std::move(reason)); }

  void take_pdus();
  [[nodiscard]] Status take(const iscsi::Pdu& pdu);
  void put_command(CommandSlot& slot);
  [[nodiscard]] Status take_data(const iscsi::Pdu& pdu);
  [[nodiscard]] Status take_status(const iscsi::Pdu& pdu);
  [[nodiscard]] Status send_requested(const iscsi::Header& request);
  [[nodiscard]] std::byte* place(const iscsi::Header& header, std::size_t bytes) override;
  // Of a command that is on its way and has no answer yet; null: of none.
  [[nodiscard]] CommandSlot* slot_of(const iscsi::Header& header) const noexcept;
  // Of the slot's buffer, for a Data-In; null: it does not belong there.
  [[nodiscard]] std::byte* place_in(const CommandSlot& slot, const iscsi::Header& header,
                                    std::size_t bytes) const noexcept;
  void send_what_waits();
  void answer_what_has_gone();

  struct Answered {
    CommandSlot* slot = nullptr;
    Completion completion;
  };

  transport::FileDescriptor socket_;
  batching::PduStream stream_;
  std::unique_ptr<batching::Login> login_;  // until it has ended
  batching::Agreed agreed_;
  iscsi::Ring<CommandSlot*> waiting_;  // for the command window
  std::vector<Answered> answered_;     // before all of their bytes had gone
  std::uint32_t generation_ = 0;
  std::vector<std::byte> nowhere_;
  bool logged_out_ = false;
};

}  // namespace lockstep::initiator
