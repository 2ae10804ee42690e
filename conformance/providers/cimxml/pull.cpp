#include "conformance/providers/cimxml/pull.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace lockstep::conformance {
namespace {

struct Kind {
  std::string_view whole;
  const char* open;
  const char* pull;
};
constexpr std::array kKinds{
    Kind{"EnumerateInstances", "OpenEnumerateInstances", "PullInstancesWithPath"},
    Kind{"EnumerateInstanceNames", "OpenEnumerateInstancePaths", "PullInstancePaths"},
    Kind{"Associators", "OpenAssociatorInstances", "PullInstancesWithPath"},
    Kind{"AssociatorNames", "OpenAssociatorInstancePaths", "PullInstancePaths"},
    Kind{"References", "OpenReferenceInstances", "PullInstancesWithPath"}};

// A piece that is too large is asked for again in smaller ones, down to single objects.
constexpr std::array<std::uint64_t, 3> kPieces{500, 20, 1};
constexpr std::uint64_t kContextTime_s = 60;

// The server does not know the operation, or does not carry it out.
bool means_not_offered(const wire::CimError& error) {
  constexpr std::array<std::uint32_t, 5> kCodes{7,   // NOT_SUPPORTED
                                                16,  // METHOD_NOT_AVAILABLE
                                                17,  // METHOD_NOT_FOUND
                                                4,   // INVALID_PARAMETER, as some say it
                                                1};  // FAILED, likewise
  return std::find(kCodes.begin(), kCodes.end(), error.code) != kCodes.end();
}

class Pulling {
 public:
  Pulling(CimClient& client, const wire::Call& call, const Kind& kind, const PullBounds& bounds)
      : client_(client), call_(call), kind_(kind), bounds_(bounds) {}

  enum class Came { All, NotOffered, TooLarge };
  Result<Came> fetch(std::uint64_t piece) {
    all_ = {};
    context_.reset();
    empty_ = 0;
    auto came = fetch_pieces(piece);
    const bool reachable = came || came.error().origin != Origin::Transport;
    if (reachable && (!came || came.value() != Came::All || all_.error)) close();
    return came;
  }
  wire::Reply take() { return std::move(all_); }
  // Nobody will pull the rest; a server that forgets it by itself is as good.
  void close() {
    if (!context_) return;
    wire::Call call = call_to("CloseEnumeration");
    call.parameters = {{"EnumerationContext", std::exchange(context_, std::nullopt)}};
    static_cast<void>(client_.call(std::move(call)));
  }

 private:
  Result<Came> fetch_pieces(std::uint64_t piece) {
    for (bool opened = false;; opened = true) {
      bool too_large = false;
      auto reply = client_.call(opened ? pull_call(piece) : open_call(piece), &too_large);
      if (!reply) {
        if (too_large) return Came::TooLarge;
        return opened || reply.error().origin != Origin::Provider
                   ? Result<Came>(reply.error())
                   : Result<Came>(Came::NotOffered);  // an HTTP error for what it does not know
      }
      wire::Reply& found = reply.value();
      if (found.error) {
        if (!opened && means_not_offered(*found.error)) return Came::NotOffered;
        all_.error = std::move(found.error);
        return Came::All;
      }
      LOCKSTEP_TRY(const bool end, add(std::move(found)));
      if (end) return Came::All;
    }
  }

  [[nodiscard]] wire::Call call_to(const char* name) const {
    wire::Call call;
    call.intrinsic = true;
    call.name = name;
    call.target = call_.target;
    return call;
  }
  [[nodiscard]] wire::Call open_call(std::uint64_t piece) const {
    wire::Call call = call_to(kind_.open);
    for (wire::Named parameter : call_.parameters) {
      // The Open operations have no LocalOnly, and call the object by another name.
      if (wire::same_name(parameter.name, "LocalOnly")) continue;
      if (wire::same_name(parameter.name, "ObjectName")) parameter.name = "InstanceName";
      call.parameters.push_back(std::move(parameter));
    }
    call.parameters.push_back({"OperationTimeout", wire::number_value("uint32", kContextTime_s)});
    call.parameters.push_back({"MaxObjectCount", wire::number_value("uint32", piece)});
    return call;
  }
  [[nodiscard]] wire::Call pull_call(std::uint64_t piece) const {
    wire::Call call = call_to(kind_.pull);
    call.parameters = {{"EnumerationContext", context_},
                       {"MaxObjectCount", wire::number_value("uint32", piece)}};
    return call;
  }

  [[nodiscard]] Error breach(const std::string& expected, const std::string& found) const {
    return provider_error("CIM-XML server " + client_.server() + ", " + kind_.open + ": expected " +
                          expected + ", found " + found);
  }

  // Whether it was the last piece.
  Result<bool> add(wire::Reply piece) {
    const std::size_t count = piece.instances.size() + piece.paths.size();
    std::move(piece.instances.begin(), piece.instances.end(), std::back_inserter(all_.instances));
    std::move(piece.paths.begin(), piece.paths.end(), std::back_inserter(all_.paths));
    const wire::Value* context = wire::find_value(piece.out, "EnumerationContext");
    context_ = context == nullptr ? std::nullopt : std::optional(*context);
    const wire::Item* end = wire::find_item(piece.out, "EndOfSequence");
    if (end == nullptr) return breach("EndOfSequence in every answer", "none");
    const auto last = wire::read_boolean(*end, "EndOfSequence");
    if (!last) return breach("true or false as EndOfSequence", last.error().message);
    if (last.value()) {
      context_.reset();
      return true;
    }
    if (!context_) return breach("an EnumerationContext until the end of the sequence", "none");
    empty_ = count == 0 ? empty_ + 1 : 0;
    if (empty_ > bounds_.most_empty) {
      return breach("objects or an end", std::to_string(empty_) + " empty answers");
    }
    if (all_.instances.size() + all_.paths.size() > bounds_.most_objects) {
      return breach("at most " + std::to_string(bounds_.most_objects) + " objects", "more");
    }
    return false;
  }

  CimClient& client_;
  const wire::Call& call_;
  const Kind& kind_;
  const PullBounds& bounds_;
  wire::Reply all_;
  std::optional<wire::Value> context_;  // of an enumeration that is open
  std::size_t empty_ = 0;
};

}  // namespace

Result<std::optional<wire::Reply>> pull_all(CimClient& client, const wire::Call& call,
                                            const PullBounds& bounds) {
  const auto* kind = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const Kind& one) { return call.name == one.whole; });
  if (kind == kKinds.end()) return std::optional<wire::Reply>();
  Pulling pulling(client, call, *kind, bounds);
  for (const std::uint64_t piece : kPieces) {
    LOCKSTEP_TRY(const auto came, pulling.fetch(piece));
    if (came == Pulling::Came::All) return std::optional(pulling.take());
    if (came == Pulling::Came::NotOffered) return std::optional<wire::Reply>();
  }
  return provider_error("CIM-XML server " + client.server() + ", " + kind->open +
                        ": expected a single object to fit an answer, found that it does not");
}

}  // namespace lockstep::conformance
