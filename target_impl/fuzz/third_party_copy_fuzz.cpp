// Third-party copies: parameter lists of EXTENDED COPY, POPULATE TOKEN and WRITE USING TOKEN, the
// inquiries about them, and tokens, real and forged. A token that was never handed out gives
// nothing.
//
// Input: records. A record: what (low three bits; 0x10: the raw list, 0x20: with one byte of it
// changed, 0x80: on another nexus), the LUN, then what the case reads.
#include "target_impl/fuzz/input.hpp"
#include "target_impl/fuzz/served_device.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace lockstep;
using namespace lockstep::fuzz;

using Bytes = std::vector<std::byte>;

constexpr std::uint8_t kRaw = 0x10;
constexpr std::uint8_t kSpoiled = 0x20;
constexpr std::uint8_t kOtherNexus = 0x80;
constexpr std::size_t kMostRecords = 32;
constexpr std::size_t kTokenBytes = 512;
constexpr std::size_t kTokenAt = 16;  // in the list of WRITE USING TOKEN
constexpr std::size_t kLengthAt = 10;

enum class What : std::uint8_t {
  ExtendedCopy,
  PopulateToken,
  WriteUsingToken,
  TokenInformation,
  Inquire,
  Reset,
  Write,
  Lost,
};

void put(Bytes& list, std::size_t at, std::size_t bytes, std::uint64_t value) {
  list.resize(std::max(list.size(), at + bytes));
  for (std::size_t i = bytes; i != 0; --i, value >>= 8) {
    list[at + i - 1] = static_cast<std::byte>(value & 0xff);
  }
}

class Buffer final : public scsi::DataIn {
 public:
  [[nodiscard]] std::span<std::byte> claim(std::size_t bytes) override {
    data.assign(bytes, std::byte{0xc5});
    return data;
  }
  Bytes data;
};

class Fuzzed {
 public:
  explicit Fuzzed(Input& input) : input_(input) {
    for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{2}}) {
      device_->nexus_started(nexus(id));
      for (std::uint16_t lun = 0; lun != 4; ++lun) {
        control_ = id == 2 ? kOtherNexus : 0;
        lun_ = lun;
        static_cast<void>(run({}, {}));
      }
    }
  }

  void record() {
    control_ = input_.byte();
    lun_ = input_.byte() & 3;
    switch (static_cast<What>(control_ & 7)) {
      case What::ExtendedCopy:
        return command(0x00, 0, extended_copy());
      case What::PopulateToken:
        return command(0x10, input_.byte(), populate());
      case What::WriteUsingToken:
        return write_using_token();
      case What::TokenInformation:
        return learn_token(input_.byte());
      case What::Inquire:
        return inquire();
      case What::Reset:
        static_cast<void>(device_->manage(
            nexus(1), lun_, static_cast<scsi::TaskManagement>(1 + input_.byte() % 7)));
        return;
      case What::Write:
        return write();
      case What::Lost:
        device_->nexus_lost(nexus(2));
        device_->nexus_started(nexus(2));
        return;
    }
  }

 private:
  static scsi::Nexus nexus(std::uint64_t id) {
    scsi::Nexus made;
    made.initiator_port = "iqn.2026-11.net.lockstep:fuzzer,i,0x00023d00000" + std::to_string(id);
    made.target_port = std::string(kTargetName) + ",t,0x0001";
    made.id = id;
    return made;
  }

  scsi::Status run(const std::array<std::uint8_t, 16>& cdb, const Bytes& list) {
    scsi::Command command;
    command.cdb = cdb;
    command.data_out = list;
    command.expected_data_out = static_cast<std::uint32_t>(list.size());
    Buffer buffer;
    scsi::Response response;
    device_->execute(nexus((control_ & kOtherNexus) != 0 ? 2 : 1), lun_, command, buffer, response);
    answer_ = std::move(buffer.data);
    expect(response.status != scsi::Status::CheckCondition || (response.sense[2] & 0x0f) != 0,
           "a CHECK CONDITION has a sense key");
    return response.status;
  }

  scsi::Status third_party(std::uint8_t action, std::uint8_t identifier, Bytes list) {
    if ((control_ & kSpoiled) != 0 && !list.empty()) {
      const std::size_t at = input_.number(2) % list.size();
      list[at] ^= std::byte{input_.byte()};
    }
    std::array<std::uint8_t, 16> cdb{0x83, action};
    cdb[9] = identifier;
    cdb[kLengthAt + 2] = static_cast<std::uint8_t>(list.size() >> 8);
    cdb[kLengthAt + 3] = static_cast<std::uint8_t>(list.size());
    sent_ = std::move(list);
    return run(cdb, sent_);
  }
  void command(std::uint8_t action, std::uint8_t identifier, Bytes list) {
    static_cast<void>(third_party(action, identifier, std::move(list)));
  }

  Bytes raw() {
    const auto bytes = std::as_bytes(input_.take(input_.byte()));
    return {bytes.begin(), bytes.end()};
  }

  // Ranges of a few bits each, most of them inside the volumes.
  void ranges(Bytes& list, std::size_t length_at) {
    const std::size_t count = input_.byte() % 5;
    const std::size_t begin = list.size();
    for (std::size_t i = 0; i != count; ++i) {
      const std::size_t at = list.size();
      put(list, at, 8, input_.number(2));
      put(list, at + 8, 4, input_.byte());
      put(list, at + 12, 4, 0);
    }
    put(list, length_at, 2, list.size() - begin);
    put(list, 0, 2, list.size() - 2);
  }

  Bytes populate() {
    if ((control_ & kRaw) != 0) {
      return raw();
    }
    Bytes list(16);
    put(list, 2, 1, input_.byte() & 3);
    put(list, 8, 4, input_.byte() % 2 == 0 ? 0x00800000 : 0x00010000);
    ranges(list, 14);
    return list;
  }

  void write_using_token() {
    if ((control_ & kRaw) != 0) {
      return command(0x11, input_.byte(), raw());
    }
    Bytes list(536);
    put(list, 2, 1, input_.byte() & 3);
    put(list, 14, 2, input_.byte());  // low part of the offset
    const std::uint8_t which = input_.byte();
    if (which == 0) {
      put(list, kTokenAt, 4, 0xffff0001);  // the zero token
      put(list, kTokenAt + 6, 2, 0x01f8);
    } else if (!tokens_.empty()) {
      const Bytes& token = tokens_[which % tokens_.size()];
      std::copy(token.begin(), token.end(), list.begin() + kTokenAt);
    }
    ranges(list, 534);
    const scsi::Status status = third_party(0x11, input_.byte(), std::move(list));
    if (status == scsi::Status::Good && sent_.size() >= kTokenAt + kTokenBytes) {
      const Bytes used(sent_.begin() + kTokenAt, sent_.begin() + kTokenAt + kTokenBytes);
      constexpr std::array<std::byte, 4> kZeroToken{std::byte{0xff}, std::byte{0xff}, std::byte{0},
                                                    std::byte{1}};
      const bool is_zero = std::equal(kZeroToken.begin(), kZeroToken.end(), used.begin());
      expect(is_zero || std::find(tokens_.begin(), tokens_.end(), used) != tokens_.end(),
             "a token that was not handed out gives nothing");
    }
  }

  void learn_token(std::uint8_t identifier) {
    std::array<std::uint8_t, 16> cdb{0x84, 0x07};
    cdb[5] = identifier;
    cdb[12] = 4;
    if (run(cdb, {}) == scsi::Status::Good && answer_.size() >= kTokenBytes + 38) {
      tokens_.emplace_back(answer_.end() - kTokenBytes, answer_.end());
    }
  }

  Bytes extended_copy() {
    if ((control_ & kRaw) != 0) {
      return raw();
    }
    Bytes list(16);
    put(list, 0, 1, input_.byte());
    put(list, 1, 1, input_.byte() & 0x1f);
    const std::size_t cscds = input_.byte() % 4;
    for (std::size_t i = 0; i != cscds; ++i) {
      const std::size_t at = list.size();
      const std::uint8_t lun = input_.byte() % 3;
      put(list, at, 4, 0xe4000000);
      put(list, at + 4, 4, 0x01030010);
      put(list, at + 8, 8, 0x6abcdef000000000);
      put(list, at + 16, 8, lun);
      put(list, at + 24, 4, 0);
      put(list, at + 28, 4, lun == 1 ? 4096 : 512);
    }
    put(list, 2, 2, list.size() - 16);
    const std::size_t begin = list.size();
    const std::size_t segments = input_.byte() % 4;
    for (std::size_t i = 0; i != segments; ++i) {
      segment(list);
    }
    put(list, 8, 4, list.size() - begin);
    return list;
  }

  void segment(Bytes& list) {
    const std::size_t at = list.size();
    const bool in_bytes = input_.byte() % 2 != 0;
    put(list, at, 1, in_bytes ? 0x0a : 0x02);
    put(list, at + 1, 1, input_.byte() & 3);
    put(list, at + 2, 2, in_bytes ? 28 : 24);
    put(list, at + 4, 2, input_.byte() % 4);
    put(list, at + 6, 2, input_.byte() % 4);
    put(list, at + (in_bytes ? 8 : 10), in_bytes ? 4 : 2, input_.number(2));
    put(list, at + 12, 8, input_.byte());
    put(list, at + 20, 8, input_.byte());
    if (in_bytes) {
      put(list, at + 28, 2, input_.number(2));
      put(list, at + 30, 2, input_.number(2));
    }
  }

  void inquire() {
    constexpr std::array<std::uint8_t, 5> kActions{0x00, 0x03, 0x04, 0x05, 0x07};
    std::array<std::uint8_t, 16> cdb{0x84, kActions.at(input_.byte() % kActions.size())};
    cdb[2] = input_.byte();
    cdb[5] = input_.byte();
    cdb[12] = input_.byte() & 7;
    cdb[13] = input_.byte();
    static_cast<void>(run(cdb, {}));
  }

  void write() {
    std::array<std::uint8_t, 16> cdb{0x2a};
    cdb[5] = input_.byte();
    cdb[8] = 1;
    static_cast<void>(run(cdb, Bytes(lun_ == 1 ? 4096 : 512, std::byte{input_.byte()})));
  }

  Input& input_;
  std::shared_ptr<scsi::DeviceServer> device_ = make_device();
  std::uint8_t control_ = 0;
  std::uint16_t lun_ = 0;
  Bytes answer_;
  Bytes sent_;
  std::vector<Bytes> tokens_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Input input(data, bytes);
  Fuzzed fuzzed(input);
  for (std::size_t records = 0; !input.empty() && records != kMostRecords; ++records) {
    fuzzed.record();
  }
  return 0;
}
