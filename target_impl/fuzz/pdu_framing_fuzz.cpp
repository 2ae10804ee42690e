// PDU framing: any bytes, in pieces of any size, before and after login, with and without digests.
//
// Input: a byte of flags (1 header digests, 2 data digests, 4 logged in first; the upper four bits
// choose the size of the pieces), then the bytes of the stream.
#include "target_impl/fuzz/served_device.hpp"
#include "target_impl/fuzz/wire.hpp"

#include <array>

namespace {

using namespace lockstep;
using namespace lockstep::fuzz;

constexpr std::uint8_t kHeaderDigests = 1;
constexpr std::uint8_t kDataDigests = 2;
constexpr std::uint8_t kLoggedIn = 4;
constexpr std::uint8_t kStraightToFullFeature = 0x87;
constexpr std::array<std::size_t, 16> kPieces{SIZE_MAX, 1,  2,   3,   4,    7,    47,    48,
                                              49,       63, 100, 512, 1000, 4096, 10000, 65536};

void log_in(Wire& wire, std::uint8_t flags) {
  const bool header = (flags & kHeaderDigests) != 0;
  const bool data = (flags & kDataDigests) != 0;
  std::string text = text_data(kLoginText);
  text += text_data(header ? "HeaderDigest=CRC32C,None\n" : "HeaderDigest=None\n");
  text += text_data(data ? "DataDigest=CRC32C,None\n" : "DataDigest=None\n");
  wire.feed(wire.encode(login_header(kStraightToFullFeature, 1), text));
  const auto answers = wire.received();
  expect(answers.size() == 1 && answers.front().header[iscsi::field::kLoginStatus] == 0,
         "a proper login succeeds");
  wire.use_digests(header, data);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Input input(data, bytes);
  const std::uint8_t flags = input.byte();
  ServedDevice served;
  {
    Wire wire(served.portal);
    if ((flags & kLoggedIn) != 0) {
      log_in(wire, flags);
    }
    wire.feed(fuzz::as_text(input.take(input.left())), kPieces.at(flags >> 4));
    static_cast<void>(wire.received());
  }
  return 0;
}
