// A host that writes the sources, one command at a time, until its target is gone.
#pragma once

#include "target_impl/daemon/test/scsi_session.hpp"
#include "target_impl/durability/process.hpp"
#include "target_impl/durability/region.hpp"
#include "target_impl/durability/service_scenarios.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <thread>

namespace lockstep::durability {

using Luns = std::array<int, kSources>;

// Where a service serves its sources.
struct Served {
  std::string portal;
  Luns luns{};
};

// What crash_service says first. Nothing, and a failed expectation: it did not start.
inline std::optional<Served> hear_ready(Process& service) {
  std::istringstream ready(service.hear());
  std::string word;
  Served served;
  ready >> word >> served.portal;
  for (int& lun : served.luns) ready >> lun;
  EXPECT_EQ(word, "ready") << "the service did not start";
  return word == "ready" ? std::optional(served) : std::nullopt;
}

inline target::test::Bytes content_of(std::uint32_t first, std::uint32_t count,
                                      std::uint32_t write) {
  target::test::Bytes data(count * kBlockBytes);
  for (std::uint32_t i = 0; i != count; ++i) {
    stamp(std::as_writable_bytes(std::span(data)).subspan(i * kBlockBytes, kBlockBytes), first + i,
          write);
  }
  return data;
}

class SourceLoad {
 public:
  // `region` is that of all sources, one after the other.
  SourceLoad(Region& region, std::string portal, std::string target, Luns luns, std::uint64_t seed)
      : region_(region), luns_(luns), random_(seed) {
    thread_ = std::thread([this, portal = std::move(portal), target = std::move(target)] {
      target::test::ScsiSession session(portal, target, "iqn.2026-11.net.lockstep:load", luns_[0]);
      for (const int lun : luns_) session.clear_attentions(lun);
      while (session.connected() && step(session)) ++commands;
    });
  }
  ~SourceLoad() { thread_.join(); }
  // Waits until it has begun in earnest.
  [[nodiscard]] bool runs() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (commands < 5 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    EXPECT_GE(commands, 5U) << "the host cannot write";
    return commands >= 5;
  }
  SourceLoad(const SourceLoad&) = delete;
  SourceLoad& operator=(const SourceLoad&) = delete;

  std::atomic<std::uint64_t> commands{0};

 private:
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  // False: the target is gone.
  bool step(target::test::ScsiSession& session) {
    using target::test::cdb_of;
    const std::uint32_t source = pick(kSources);
    const std::uint32_t lba = pick(kSourceBlocks);
    const std::uint32_t first = source * kSourceBlocks + lba;
    const std::uint32_t count = 1 + pick(std::min(kSourceBlocks - lba, 40U));
    const std::uint32_t kind = pick(8);
    const bool durable = kind < 4;
    Change change{first, count, 0};
    target::test::Bytes cdb;
    target::test::Bytes data(24);
    if (kind == 7) {
      target::test::put(data, 0, 2, 22);
      target::test::put(data, 2, 2, 16);
      target::test::put(data, 8, 8, lba);
      target::test::put(data, 16, 4, count);
      cdb = cdb_of(0x42, {{7, 2, data.size()}});
    } else {
      change.write = region_.new_write();
      data = content_of(first, count, change.write);
      cdb = cdb_of(0x2a, {{1, 1, durable ? 0x08U : 0U}, {2, 4, lba}, {7, 2, count}});
    }
    region_.begin(change);
    constexpr int kUnitAttention = 6;  // LUNs come and go; nothing was carried out
    target::test::ScsiAnswer answer;
    do {
      answer = session.send(luns_[source], cdb, data);
    } while (!answer.good() && answer.key == kUnitAttention);
    if (!answer.good()) {
      EXPECT_TRUE(answer.unanswered()) << "sense " << answer.key << "/" << std::hex << answer.code;
      return false;
    }
    region_.end(durable);
    return true;
  }

  Region& region_;
  const Luns luns_;
  std::mt19937_64 random_;
  std::thread thread_;
};

}  // namespace lockstep::durability
