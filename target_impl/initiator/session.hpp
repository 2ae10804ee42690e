// Session over libiscsi's asynchronous calls. Internal: everybody else uses Session.
#pragma once

#include "target_impl/initiator/basic_session.hpp"
#include "target_impl/initiator/context.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <memory>
#include <string>

namespace lockstep::initiator {

class LibiscsiSession final : public BasicSession {
 public:
  static Result<std::unique_ptr<LibiscsiSession>> begin(const std::string& portal,
                                                        const std::string& target_name,
                                                        const SessionOptions& options);
  ~LibiscsiSession() override;

  [[nodiscard]] int descriptor() const noexcept override;
  [[nodiscard]] short events() const noexcept override;
  Status flush_submissions() override;

 private:
  LibiscsiSession(std::string portal, std::string target_name, const SessionOptions& options,
                  Context context);

  static void on_connected(iscsi_context* context, int status, void* data, void* self) noexcept;
  static void on_login(iscsi_context* context, int status, void* data, void* self) noexcept;
  static void on_answer(iscsi_context* context, int status, void* data, void* slot) noexcept;
  static void on_logout(iscsi_context* context, int status, void* data, void* self) noexcept;

  void send(CommandSlot& slot) override;
  void serve(short revents) override;
  void close() noexcept override;

  void start_login(const std::string& address);
  void log_out();
  // What libiscsi last complained about, without its own function names.
  [[nodiscard]] std::string library_text() const;
  [[nodiscard]] Error login_refused() const;
  // The portal refused with a redirection: starts again there.
  void follow_redirection();

  std::size_t unsent_ = 0;  // commands that libiscsi has and has not been asked to send
  bool redirected_ = false;
  bool logged_out_ = false;
  unsigned redirections_ = 0;
  Context context_;  // absent once the session is over
};

}  // namespace lockstep::initiator
