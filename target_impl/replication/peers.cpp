#include "target_impl/replication/peers.hpp"

#include "target_impl/replication/groups.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/plan.hpp"
#include "target_impl/replication/world.hpp"

#include <type_traits>
#include <utility>

namespace lockstep::replication {
namespace {

peer::LinkOptions link_options(const PeerOptions& options, transport::EventLoop& loop) {
  peer::LinkOptions link;
  link.portal = options.portal;
  link.target_name = options.target_name;
  if (options.user) {
    link.credentials = initiator::Credentials{*options.user, options.password.value_or("")};
  }
  link.connect_timeout = options.answer_timeout;
  link.answer_timeout = options.answer_timeout;
  link.keepalive = options.answer_timeout / 4;
  link.longest_retry = options.longest_retry;
  link.loop = &loop;
  return link;
}

std::optional<peer::Wanted> room_for(World& world, const ElementRef& source) {
  const ElementRecord* element = world.elements.find(source);
  if (element == nullptr) return std::nullopt;
  return peer::Wanted{
      {element->volume->blocks(), element->volume->block_size()}, {}, peer::KeepsOut::Writers};
}

std::vector<ElementRef> sources_of(const CreateElementReplicaRequest& request) {
  if (!request.source_element || request.target_element) return {};
  return {*request.source_element};
}
std::vector<ElementRef> sources_of(const CreateListReplicaRequest& request) {
  if (request.target_elements) return {};
  return request.source_elements.value_or(std::vector<ElementRef>{});
}
std::vector<ElementRef> sources_of(const CreateGroupReplicaFromElementsRequest& request) {
  if (request.target_group) return {};
  return request.source_elements.value_or(std::vector<ElementRef>{});
}

// For an asynchronous consistent group: who reads its members on the peer would see them change one
// after the other, and a journal is claimed beside them.
void want_journal(World& world, const CreateGroupReplicaFromElementsRequest& request,
                  ClaimOrder& order) {
  const Mode mode = effective_mode(world.freedom, SyncType::Mirror, request.mode);
  if (follows_each_write(mode) || !is_consistent(world, request)) return;
  ByteCount bytes;
  for (peer::Wanted& wanted : order.wanted) {
    wanted.keeps_out = peer::KeepsOut::Readers;
    const std::uint64_t unit = bytes_of(wanted.geometry.blocks, wanted.geometry.block_size).value;
    bytes.value += (unit + store::kExtentBytes - 1) / store::kExtentBytes * store::kExtentBytes;
  }
  const BlockSize block_size = order.wanted.front().geometry.block_size;
  order.wanted.push_back(
      {{peer::journal_size(bytes, block_size), block_size}, {}, peer::KeepsOut::Writers});
}

template <class R>
std::optional<ClaimOrder> order_of(World& world, const R& request) {
  if (!request.target_access_point || request.sync_type != SyncType::Mirror) return std::nullopt;
  const auto number = world.peers.find(*request.target_access_point);
  if (!number) return std::nullopt;
  ClaimOrder order{*number, {}, {}};
  for (const ElementRef& source : sources_of(request)) {
    auto wanted = room_for(world, source);
    if (!wanted) return std::nullopt;
    order.wanted.push_back(std::move(*wanted));
  }
  if (order.wanted.empty()) return std::nullopt;
  if constexpr (std::is_same_v<R, CreateGroupReplicaFromElementsRequest>) {
    want_journal(world, request, order);
  }
  return order;
}

std::optional<ClaimOrder> order_of(World& world, const CreateReplicaRequest& request) {
  if (!request.target_storage_system || request.sync_type != SyncType::Mirror) return std::nullopt;
  const auto number = world.peers.find(*request.target_storage_system);
  auto wanted = room_for(world, request.source);
  if (!number || !wanted) return std::nullopt;
  if (request.username.has_value() != request.password.has_value()) return std::nullopt;
  if (request.target_storage_volume) {
    wanted->naa_identifier = device_id_of(*request.target_storage_volume);
    if (!wanted->naa_identifier) return std::nullopt;
  }
  ClaimOrder order{*number, {std::move(*wanted)}, {}};
  if (request.username) {
    order.credentials = initiator::Credentials{*request.username, *request.password};
  }
  return order;
}

}  // namespace

Refusal refusal_of(peer::ClaimRefused::Why why) noexcept {
  using enum peer::ClaimRefused::Why;
  switch (why) {
    case AccessDenied:
      return Refusal::AccessDenied;
    case NoSuchTarget:
    case NoSuchVolume:
      return Refusal::NotFound;
    case Busy:
      return Refusal::InUse;
    case NoSpare:
      return Refusal::NoSpace;
    case Unreachable:
      break;
  }
  return Refusal::Failed;
}

Peers::Peers(const std::vector<PeerOptions>& options, Mailbox& mailbox,
             transport::EventLoop& loop) {
  for (const PeerOptions& one : options) {
    const std::size_t number = peers_.size();
    const auto changed = [&mailbox, number](bool up) {
      mailbox.post({up ? Event::Kind::PeerReturned : Event::Kind::PeerLost, number, {}});
    };
    peers_.push_back({one.name, one.answer_timeout, peer_system_path(one.name),
                      peer_access_point_path(one.name),
                      std::make_unique<peer::PeerSystem>(link_options(one, loop), changed)});
  }
}

std::optional<std::size_t> Peers::find(const PeerRef& ref) const {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i].ref == ref) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Peers::find_name(const std::string& name) const {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i].name == name) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Peers::find(const AccessPointRef& ref) const {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i].access_point == ref) return i;
  }
  return std::nullopt;
}

std::optional<ClaimOrder> claim_order_for(World& world, const Request& request) {
  return std::visit(
      [&]<class R>(const R& one) -> std::optional<ClaimOrder> {
        if constexpr (std::is_same_v<R, CreateReplicaRequest> || requires { sources_of(one); }) {
          return order_of(world, one);
        } else {
          return std::nullopt;
        }
      },
      request);
}

}  // namespace lockstep::replication
