// One initiator of a corruption hunt: random stamped writes and verified reads in its own blocks,
// many at a time, over connections that it cuts at random moments in every way there is.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/durability/hunt_account.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace lockstep::durability {

struct HuntPlace {
  std::string portal;
  std::string target_name;
  bool bypass = false;
  bool cuts = true;
  // A defect to be found: a write is taken for done that never left.
  bool forgets_writes = false;
};

class HuntWorker {
 public:
  // `isid`: always the same for the same account, so that a new session ends the one before.
  HuntWorker(HuntAccount& account, HuntPlace place, initiator::Isid isid, std::uint32_t seed);

  // False: something is wrong, and the account says what.
  bool run(std::chrono::steady_clock::time_point until);
  // Reads every block once, over a connection that is left alone.
  bool verify_all();

 private:
  using SessionPtr = std::unique_ptr<initiator::Session>;
  static constexpr std::size_t kDepth = 16;
  static constexpr std::uint32_t kMostBlocks = 320;  // more than one burst, and than one PDU
  struct Request {
    bool under_way = false;
    bool writes = false;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t write = 0;
    std::vector<std::byte> data;
  };

  [[nodiscard]] bool connect();
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(random_()) % bound;
  }
  [[nodiscard]] bool is_free(std::uint32_t first, std::uint32_t count) const;
  void start(Request& request);
  void ended(Request& request, const initiator::Completion& completion);
  void cut();
  // Until everything outstanding has come to its end.
  void drain(initiator::Session& session);

  HuntAccount& account_;
  const HuntPlace place_;
  initiator::SessionOptions options_;
  std::mt19937 random_;
  std::array<Request, kDepth> requests_;
  SessionPtr session_;
};

}  // namespace lockstep::durability
