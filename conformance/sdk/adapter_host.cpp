#include "conformance/sdk/adapter_host.hpp"

#include <istream>
#include <ostream>
#include <utility>

namespace lockstep::conformance {
namespace {

class Host {
 public:
  Host(Provider& provider, const AdapterFacts& facts) : provider_(provider), facts_(facts) {}

  [[nodiscard]] std::string answer(const std::string& line) {
    const auto read = lines::read_call(line);
    if (const auto* unreadable = std::get_if<lines::UnreadableCall>(&read)) {
      return lines::write_failure(unreadable->id, unreadable->reason);
    }
    const auto& numbered = std::get<lines::NumberedCall>(read);
    const auto told = std::visit([this](const auto& call) { return ask(call); }, numbered.call);
    if (!told) return lines::write_failure(numbered.id, told.error().message);
    return lines::write_answer(numbered.id, numbered.call, told.value());
  }

 private:
  Result<lines::Told> ask(const lines::HelloCall& call) {
    if (call.protocol != lines::kProtocol) {
      return usage_error("expected protocol version " + std::to_string(lines::kProtocol) +
                         ", found " + std::to_string(call.protocol));
    }
    lines::Hello hello;
    LOCKSTEP_TRY(hello.identity, provider_.identity());
    hello.portals = facts_.portals;
    hello.volume_urls = static_cast<bool>(facts_.url_of);
    hello.known = facts_.known;
    if (FaultPort* faults = provider_.fault_port()) hello.faults = faults->supported();
    return lines::Told(std::move(hello));
  }
  Result<lines::Told> ask(const lines::CapabilitiesCall&) {
    LOCKSTEP_TRY(auto capabilities, provider_.capabilities());
    return lines::Told(std::move(capabilities));
  }
  Result<lines::Told> ask(const lines::InventoryCall&) {
    lines::Seen seen;
    LOCKSTEP_TRY(seen.inventory, provider_.inventory());
    if (facts_.url_of) {
      for (const ElementView& view : seen.inventory.elements) {
        if (auto url = facts_.url_of(view.ref)) seen.urls[view.ref] = std::move(*url);
      }
    }
    return lines::Told(std::move(seen));
  }
  Result<lines::Told> ask(const lines::InvokeCall& call) {
    LOCKSTEP_TRY(auto answer, provider_.invoke(call.request));
    return lines::Told(std::move(answer));
  }
  Result<lines::Told> ask(const lines::InjectCall& call) {
    FaultPort* faults = provider_.fault_port();
    if (faults == nullptr) return usage_error("expected a provider with faults, found none");
    LOCKSTEP_TRY(faults->inject(call.fault));
    return lines::Told(lines::Done{});
  }

  Provider& provider_;
  const AdapterFacts& facts_;
};

enum class LineEnd { Newline, EndOfInput, TooLong };

// Like std::getline, but never takes more than the protocol allows.
LineEnd read_line(std::istream& input, std::string& line) {
  line.clear();
  std::streambuf& buffer = *input.rdbuf();
  for (;;) {
    const int next = buffer.sbumpc();
    if (next == std::char_traits<char>::eof()) return LineEnd::EndOfInput;
    if (next == '\n') return LineEnd::Newline;
    if (line.size() == lines::kMostLineBytes) return LineEnd::TooLong;
    line += static_cast<char>(next);
  }
}

}  // namespace

Status serve_adapter(Provider& provider, const AdapterFacts& facts, std::istream& input,
                     std::ostream& output) {
  Host host(provider, facts);
  for (std::string line;;) {
    switch (read_line(input, line)) {
      case LineEnd::EndOfInput:
        return ok();  // a line that was cut off asks nothing
      case LineEnd::TooLong:
        return usage_error("a request: expected a line of at most " +
                           std::to_string(lines::kMostLineBytes) + " bytes, found a longer one");
      case LineEnd::Newline:
        break;
    }
    output << host.answer(line) << '\n';
    output.flush();
    if (!output) return transport_error("an answer: expected to be taken, found the output closed");
  }
}

}  // namespace lockstep::conformance
