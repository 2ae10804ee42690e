// Goal: over the wire a provider looks and acts as it does in process, also when the server uses
// every freedom that it has. Method: the reference behind our own server, with a proxy between
// client and server that rewrites what the server says.
#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/providers/cimxml/http_connection.hpp"
#include "conformance/providers/cimxml/test/scripted_server.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kUser = "operator";
constexpr const char* kPassword = "s3cret!";

// The reference and its server.
struct World {
  World() {
    ReferenceOptions small;
    small.pool_bytes = 64ULL << 20;
    auto made = make_reference(small);
    EXPECT_TRUE(made);
    reference = std::move(made).value();
    const ReferenceWellKnown& known = reference_well_known();
    cimxml::ServerOptions options;
    options.user = kUser;
    options.password = kPassword;
    options.access_point = known.local_access_point.path;
    options.setting_goal = known.target_setting_goal.path;
    options.replica_peer = known.local_peer.path;
    options.portal = reference->portal();
    options.target_name = reference->target_name();
    auto started = cimxml::Server::start(*reference, options);
    EXPECT_TRUE(started);
    server = std::move(started).value();
  }
  [[nodiscard]] CimXmlOptions client(
      std::uint16_t port, const std::string& name_space = cimxml::kTargetNamespace) const {
    CimXmlOptions options;
    options.url.host = "127.0.0.1";
    options.url.port = port;
    options.url.name_space = name_space;
    options.url.portals = {"iscsi://" + reference->portal() + "/" + reference->target_name()};
    options.credentials = {kUser, kPassword};
    options.read_timeout = std::chrono::seconds(10);
    return options;
  }
  std::unique_ptr<ReferenceProvider> reference;
  std::unique_ptr<cimxml::Server> server;
};

std::unique_ptr<CimXmlProvider> connect(const CimXmlOptions& options) {
  auto made = make_cimxml(options);
  EXPECT_TRUE(made) << made.error().message;
  return made ? std::move(made).value() : nullptr;
}

Answer done(Provider& provider, const Request& request) {
  const auto answer = provider.invoke(request);
  EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer && answer.value().accepted());
  return answer ? answer.value() : Answer{};
}

ElementRef volume(Provider& provider, const std::string& name) {
  CreateVolumeRequest request;
  request.element_name = name;
  request.blocks = BlockCount{64};
  return done(provider, request).target_element.value_or(ElementRef{});
}

// Volumes, a snapshot with settings, a group replica and their jobs, whatever provider it is.
void populate(Provider& provider) {
  const ElementRef a = volume(provider, "a & <b>");
  const ElementRef b = volume(provider, "");
  CreateElementReplicaRequest snapshot;
  snapshot.sync_type = SyncType::Snapshot;
  snapshot.source_element = a;
  snapshot.element_name = "\xC3\xA4 \"quoted\"";
  ReplicationSettingData settings;
  settings.copy_priority = CopyPriority::High;
  settings.desired_rpo_s = 5;
  snapshot.replication_setting_data = settings;
  snapshot.target_setting_goal = reference_well_known().target_setting_goal;
  done(provider, snapshot);
  CreateGroupReplicaFromElementsRequest group;
  group.sync_type = SyncType::Mirror;
  group.mode = Mode::Synchronous;
  group.source_elements = std::vector{a, b};
  group.consistency = ConsistencyRequest::SequentialConsistency;
  group.relationship_name = "pair of pairs";
  group.wait_for_copy_state = CopyState::Synchronized;
  done(provider, group);
}

// An inventory without the texts of references, which differ, and with its own order of places
// instead.
struct Shape {
  std::vector<std::string> lines;
  friend bool operator==(const Shape&, const Shape&) = default;
};

template <class View, class Reference>
std::string place(const std::vector<View>& views, const std::optional<Reference>& reference) {
  if (!reference) return "none";
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].ref == *reference) return std::to_string(i);
  }
  return "missing";
}

Shape shape_of(Inventory inventory) {
  Shape shape;
  std::ostringstream line;
  const auto end = [&] {
    shape.lines.push_back(line.str());
    line.str("");
  };
  for (const PoolView& pool : inventory.pools) {
    line << "pool " << pool.name << ' ' << pool.total.value << ' ' << pool.remaining.value;
    end();
  }
  for (const ElementView& element : inventory.elements) {
    line << "element " << static_cast<int>(element.element_class) << ' '
         << element.element_name.value_or("NULL") << ' ' << place(inventory.pools, element.pool)
         << ' ' << wire::lower_case(element.setting.value_or(SettingRef{}).path) << ' '
         << element.blocks.value << ' ' << element.block_size.bytes << ' ' << element.device_id;
    end();
  }
  for (const GroupView& group : inventory.groups) {
    line << "group " << group.element_name.value_or("NULL") << ' ' << group.persistent
         << group.delete_on_empty_element << group.delete_on_unassociated
         << group.consistent_point_in_time;
    for (const ElementRef& member : group.members) {
      line << ' ' << place(inventory.elements, std::optional(member));
    }
    end();
  }
  for (RelationshipView view : inventory.relationships) {
    line << "relationship " << place(inventory.elements, view.source_element)
         << place(inventory.elements, view.target_element)
         << place(inventory.groups, view.source_group)
         << place(inventory.groups, view.target_group);
    end();
  }
  for (const JobView& job : inventory.jobs) {
    line << "job " << job.affected_elements.size() << job.affected_relationships.size()
         << job.affected_groups.size();
    end();
  }
  return shape;
}

// Everything of a relationship but its references.
std::vector<RelationshipView> without_references(const Inventory& inventory) {
  std::vector<RelationshipView> views = inventory.relationships;
  for (RelationshipView& view : views) {
    view.ref = {};
    view.source_element.reset();
    view.target_element.reset();
    view.source_group.reset();
    view.target_group.reset();
  }
  return views;
}

void expect_same(Provider& here, Provider& there) {
  // Copies under way may move on between the two looks.
  auto local = here.inventory();
  auto remote = there.inventory();
  for (int i = 0; i < 100 && local && remote; ++i) {
    if (without_references(local.value()) == without_references(remote.value())) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    local = here.inventory();
    remote = there.inventory();
  }
  ASSERT_TRUE(local);
  ASSERT_TRUE(remote) << remote.error().message;
  EXPECT_EQ(shape_of(local.value()).lines, shape_of(remote.value()).lines);
  EXPECT_TRUE(without_references(local.value()) == without_references(remote.value()));
}

TEST(OverTheWire, CapabilitiesAreThoseInProcess) {
  World world;
  const auto remote = connect(world.client(world.server->port()));
  ASSERT_NE(remote, nullptr);
  const auto found = remote->capabilities();
  ASSERT_TRUE(found) << found.error().message;
  const Capabilities expected = world.reference->capabilities().value();
  EXPECT_EQ(found.value().kinds, expected.kinds);
  EXPECT_EQ(found.value().methods, expected.methods);
  EXPECT_EQ(found.value().synchronous_actions, expected.synchronous_actions);
  EXPECT_EQ(found.value().asynchronous_actions, expected.asynchronous_actions);
  EXPECT_TRUE(found.value() == expected);
}

TEST(OverTheWire, WhatIsSeenIsWhatIsSeenInProcess) {
  World world;
  const auto remote = connect(world.client(world.server->port()));
  ASSERT_NE(remote, nullptr);
  expect_same(*world.reference, *remote);
  populate(*world.reference);
  expect_same(*world.reference, *remote);
  populate(*remote);
  expect_same(*world.reference, *remote);
}

TEST(OverTheWire, TheNamespaceIsFoundByItself) {
  World world;
  const auto remote = connect(world.client(world.server->port(), ""));
  ASSERT_NE(remote, nullptr);
  expect_same(*world.reference, *remote);
}

TEST(OverTheWire, WrongCredentialsAndNamespacesAreSaidSo) {
  World world;
  CimXmlOptions options = world.client(world.server->port());
  options.credentials.password = "wrong";
  const auto refused = make_cimxml(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().origin, Origin::Config);
  const auto nowhere = make_cimxml(world.client(world.server->port(), "root/nowhere"));
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("root/nowhere"));
}

TEST(OverTheWire, ReferencesToNothingAreRefusedByTheProvider) {
  World world;
  const auto remote = connect(world.client(world.server->port()));
  ASSERT_NE(remote, nullptr);
  CreateElementReplicaRequest create;
  create.sync_type = SyncType::Snapshot;
  create.source_element = ElementRef{"no volume has this path"};
  const auto answer = remote->invoke(create);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value().code, ReturnCode::InvalidParameter);
  CreateReplicaRequest replica;
  replica.source = ElementRef{"no volume has this path"};
  replica.sync_type = SyncType::Snapshot;
  const auto missing = remote->invoke(replica);
  ASSERT_TRUE(missing) << missing.error().message;
  EXPECT_EQ(missing.value().code, ReturnCode::ObjectNotFound);
  RequestJobStateChangeRequest change{JobRef{"no job"}, RequestedJobState::Kill};
  EXPECT_TRUE(remote->invoke(change));
}

TEST(OverTheWire, CreateReplicaSpeaksTheOtherFamilyOfClasses) {
  World world;
  const auto remote = connect(world.client(world.server->port()));
  ASSERT_NE(remote, nullptr);
  const ElementRef source = volume(*remote, "source");
  CreateReplicaRequest request;
  request.source = source;
  request.sync_type = SyncType::Clone;
  request.username = reference_well_known().username;
  request.password = reference_well_known().password;
  const auto known = remote->known_references();
  ASSERT_TRUE(known.local_peer && known.local_access_point && known.target_setting_goal);
  request.target_storage_system = *known.local_peer;
  const Answer answer = done(*remote, request);
  const auto inventory = remote->inventory();
  ASSERT_TRUE(inventory);
  if (answer.target_element) {
    EXPECT_NE(inventory.value().find(*answer.target_element), nullptr)
        << answer.target_element->path;
  }
  if (answer.job) {
    EXPECT_NE(inventory.value().find(*answer.job), nullptr) << answer.job->path;
  }
  EXPECT_TRUE(answer.target_element || answer.job);
  EXPECT_THAT(remote->recent_evidence(),
              HasSubstr("NAME=\"password\" PARAMTYPE=\"string\"><VALUE>(removed)<"));
  EXPECT_THAT(remote->recent_evidence(),
              Not(HasSubstr("<VALUE>" + reference_well_known().password + "<")));
}

TEST(OverTheWire, BytesAreReachedByTheIdentifierOfTheLun) {
  World world;
  const auto remote = connect(world.client(world.server->port()));
  ASSERT_NE(remote, nullptr);
  const ElementRef first = volume(*remote, "first");
  const ElementRef second = volume(*remote, "second");
  std::vector<std::byte> written(512, std::byte{0x5A});
  ASSERT_TRUE(remote->data_path()->write(second, Lba{3}, written).value().good());
  std::vector<std::byte> read(512);
  ASSERT_TRUE(remote->data_path()->read(second, Lba{3}, read).value().good());
  EXPECT_EQ(read, written);
  ASSERT_TRUE(remote->data_path()->read(first, Lba{3}, read).value().good());
  EXPECT_EQ(read, std::vector<std::byte>(512));
  EXPECT_EQ(remote->data_path()->geometry(first).value().blocks, BlockCount{64});
  // Its LUN goes to another volume; the old reference must not lead there.
  done(*remote, ReturnToStoragePoolRequest{second});
  const ElementRef third = volume(*remote, "third");
  const auto gone = remote->data_path()->read(second, Lba{3}, read);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().origin, Origin::Config);
  EXPECT_TRUE(remote->data_path()->read(third, Lba{3}, read));
}

TEST(OverTheWire, FaultsAreInjectedAndUndone) {
  World world;
  const auto remote = connect(world.client(world.server->port()));
  ASSERT_NE(remote, nullptr);
  FaultPort* port = remote->fault_port();
  ASSERT_NE(port, nullptr);
  EXPECT_EQ(port->supported(), world.reference->fault_port()->supported());
  EXPECT_TRUE(port->inject({FaultKind::CopyHeld, std::nullopt}));
  EXPECT_TRUE(port->inject({FaultKind::CopyReleased, std::nullopt}));
  EXPECT_FALSE(port->inject({FaultKind::LinkLost, RelationshipRef{"no such relationship"}}));
}

TEST(OverTheWire, EvidenceGoesIntoAFile) {
  World world;
  const auto remote = connect(world.client(world.server->port()));
  ASSERT_NE(remote, nullptr);
  const auto file = std::filesystem::temp_directory_path() /
                    ("lockstep-evidence-" + std::to_string(world.server->port()));
  ASSERT_TRUE(remote->keep_evidence(file));
  ASSERT_TRUE(remote->inventory());
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  EXPECT_THAT(text.str(), HasSubstr("AssociatorNames"));  // from before
  EXPECT_THAT(text.str(), HasSubstr("CIM_StoragePool"));
  EXPECT_THAT(text.str(), Not(HasSubstr(kPassword)));
  EXPECT_FALSE(remote->keep_evidence("/no/such/folder/file"));
}

// --- the proxy

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

struct Oddity {
  const char* name;
  // Rewrites the body of an answer; `request` is the whole request.
  std::function<std::string(const std::string& request, const std::string& body)> rewrite;
};
void PrintTo(const Oddity& oddity, std::ostream* out) { *out << oddity.name; }
class OddServer : public testing::TestWithParam<Oddity> {};

TEST_P(OddServer, LooksTheSame) {
  World world;
  ScriptedServer proxy([&](const std::string& request) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    auto upstream =
        HttpConnection::connect("127.0.0.1", world.server->port(), deadline, {}, nullptr);
    if (!upstream) return say("");
    auto response = upstream.value()->exchange(request, deadline);
    if (!response) return say("");
    wire::HttpMessage answer = response.value();
    std::erase_if(answer.headers,
                  [](const auto& header) { return header.first == "Content-Length"; });
    answer.body = GetParam().rewrite(request, answer.body);
    return say(wire::write_response(answer));
  });
  const auto remote = connect(world.client(proxy.port()));
  ASSERT_NE(remote, nullptr);
  populate(*remote);
  expect_same(*world.reference, *remote);
  EXPECT_TRUE(remote->capabilities().value() == world.reference->capabilities().value());
}

std::string refusal(const std::string& request, int code) {
  return envelope(request, "<ERROR CODE=\"" + std::to_string(code) + "\"/>");
}

bool enumerates(const std::string& request, const char* class_name) {
  return called_method(request) == "EnumerateInstances" &&
         request.find(std::string("<CLASSNAME NAME=\"") + class_name + "\"/>") != std::string::npos;
}

const Oddity kOddities[] = {
    {"unchanged", [](const auto&, const auto& body) { return body; }},
    {"types_left_out",
     [](const auto&, const auto& body) {
       std::string text = body;
       for (const char* type : {"uint16", "uint32", "reference", "string", "boolean"}) {
         text = replaced(text, std::string(" PARAMTYPE=\"") + type + "\"", "");
       }
       return replaced(text, " VALUETYPE=\"string\"", "");
     }},
    {"prefixed_elements",
     [](const auto&, const auto& body) {
       std::string text = replaced(replaced(body, "</", "<|"), "<", "<c:");
       return replaced(replaced(replaced(text, "<c:|", "</c:"), "<c:?", "<?"), "<c:CIM ",
                       "<c:CIM xmlns:c=\"http://x\" ");
     }},
    {"other_host",
     [](const auto&, const auto& body) {
       return replaced(body, "<HOST>127.0.0.1", "<HOST>other.example");
     }},
    {"upper_case_namespaces",
     [](const auto&, const auto& body) {
       return replaced(body, "NAMESPACE NAME=\"iscsitarget\"", "NAMESPACE NAME=\"iScsiTarget\"");
     }},
    {"upper_case_names",
     [](const auto&, const auto& body) {
       return replaced(replaced(body, "NAME=\"JobState\"", "NAME=\"JOBSTATE\""),
                       "KEYBINDING NAME=\"InstanceID\"", "KEYBINDING NAME=\"instanceid\"");
     }},
    {"lower_case_booleans",
     [](const auto&, const auto& body) {
       return replaced(replaced(body, "<VALUE>TRUE<", "<VALUE>true<"), "<VALUE>FALSE<",
                       "<VALUE>False<");
     }},
    {"no_enumeration_of_relationships_in_general",
     [](const auto& request, const auto& body) {
       return enumerates(request, "CIM_Synchronized") ? refusal(request, 7) : body;
     }},
    {"no_enumeration_of_associations",
     [](const auto& request, const auto& body) {
       for (const char* name : {"CIM_AffectedJobElement", "CIM_OrderedMemberOfCollection",
                                "CIM_AllocatedFromStoragePool", "CIM_ElementSettingData"}) {
         if (enumerates(request, name)) return refusal(request, 7);
       }
       return body;
     }},
    {"indented",
     [](const auto&, const auto& body) {
       // Not inside a value: blanks there are part of it.
       return replaced(replaced(body, "><", ">\n <"), "<VALUE>\n </VALUE>", "<VALUE></VALUE>");
     }},
};
INSTANTIATE_TEST_SUITE_P(Answers, OddServer, testing::ValuesIn(kOddities),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace lockstep::conformance
