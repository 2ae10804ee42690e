// The security stage of a login: which method is used, and CHAP one-way and mutual. RFC 7143
// sections 6.3.2 and 12.1.
//
// Without accounts AuthMethod=None is the only method: whoever may connect may log in. With
// accounts CHAP is, and nothing else leads out of the stage.
#pragma once

#include "target_impl/iscsi/access.hpp"
#include "target_impl/iscsi/chap.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::iscsi {

class Security {
 public:
  enum class Verdict : std::uint8_t { Taken, NotMine, Failed };

  // The rules of the target, once it is known and before any key is taken.
  void use(std::shared_ptr<const TargetAccess> access) { access_ = std::move(access); }

  // Whether a login may begin in the operational stage.
  [[nodiscard]] bool may_be_skipped() const noexcept { return !required(); }
  // One key of a request; answers are appended to `answers` as text pairs.
  [[nodiscard]] Verdict take(std::string_view key, std::string_view value, std::string& answers);
  // After the last key of a request. False: the login has failed.
  [[nodiscard]] bool finish_request(std::string& answers);
  // Whether the initiator has proved what it must, so that the stage may be left.
  [[nodiscard]] bool is_satisfied() const noexcept { return !required() || step_ == Step::Proved; }
  // The initiator wants to leave the stage and has not even named a method.
  [[nodiscard]] bool was_ignored() const noexcept { return required() && step_ == Step::Begin; }

 private:
  enum class Step : std::uint8_t { Begin, None, Chap, Challenged, Proved };
  // What a request brought.
  struct Proof {
    std::optional<std::string> name;
    std::optional<std::string> response;
    std::optional<std::string> identifier;
    std::optional<std::string> challenge;
  };

  [[nodiscard]] bool required() const noexcept { return access_ && !access_->accounts.empty(); }
  [[nodiscard]] Verdict take_method(std::string_view value, std::string& answers);
  [[nodiscard]] Verdict take_algorithm(std::string_view value, std::string& answers);
  [[nodiscard]] bool proof_is_right() const;
  [[nodiscard]] bool answer_challenge(std::string& answers) const;

  std::shared_ptr<const TargetAccess> access_;
  Step step_ = Step::Begin;
  ChapAlgorithm algorithm_ = ChapAlgorithm::Md5;
  std::uint8_t identifier_ = 0;
  std::vector<std::uint8_t> challenge_;
  Proof proof_;
};

}  // namespace lockstep::iscsi
