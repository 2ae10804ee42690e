// Goal: whatever an adapter does, the call ends in time with a reason, the next call starts afresh
// until the adapter is given up, and no process is left. Method: a scripted adapter that misbehaves
// in one way each.
#include "conformance/providers/process/exec_spec.hpp"
#include "conformance/providers/process/process_provider.hpp"
#include "conformance/suite/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace lockstep::conformance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ProcessOptions scripted(const std::string& mode) {
  ProcessOptions options;
  options.arguments = {"/usr/bin/python3", "conformance/providers/process/test/scripted_adapter.py",
                       mode};
  return options;
}

std::unique_ptr<ProcessProvider> made(const ProcessOptions& options) {
  auto provider = make_process(options);
  EXPECT_TRUE(provider) << provider.error().message;
  return provider ? std::move(provider).value() : nullptr;
}

pid_t process_of(ProcessProvider& provider) {
  return std::stoi(provider.identity().value().contact);
}

// A group whose last member has just been killed may take a moment to be gone.
bool gone(pid_t group) {
  for (int i = 0; i != 500; ++i) {
    if (kill(-group, 0) != 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

Error failure_of(Provider& provider) {
  const auto answer = provider.invoke(CreateVolumeRequest{});
  EXPECT_FALSE(answer) << "answered " << code_text(answer.value());
  return answer ? Error{} : answer.error();
}

TEST(Process, AnHonestAdapterAnswers) {
  auto provider = made(scripted("honest"));
  ASSERT_NE(provider, nullptr);
  EXPECT_EQ(provider->identity().value().product, "scripted");
  EXPECT_TRUE(provider->capabilities().value().methods.contains(Method::CreateVolume));
  EXPECT_EQ(provider->inventory().value().pools.size(), 1U);
  EXPECT_EQ(provider->invoke(CreateVolumeRequest{}).value().code, ReturnCode::Failed);
  EXPECT_EQ(provider->data_path(), nullptr);
  ASSERT_NE(provider->fault_port(), nullptr);
  EXPECT_TRUE(provider->fault_port()->inject({FaultKind::LinkLost, std::nullopt}));
  EXPECT_FALSE(provider->fault_port()->inject({FaultKind::CopyHeld, std::nullopt}));
  EXPECT_EQ(provider->known_references().password, "open sesame");
}

struct Misbehaviour {
  const char* mode;
  Origin origin;
  const char* found;
};

class Misbehaving : public testing::TestWithParam<Misbehaviour> {};

TEST_P(Misbehaving, IsAnErrorWithAReasonAndTheNextChildAnswers) {
  ProcessOptions options = scripted(GetParam().mode);
  options.method_deadline = std::chrono::milliseconds(1500);
  options.most_answer_bytes = 1024 * 1024;
  auto provider = made(options);
  ASSERT_NE(provider, nullptr);
  const pid_t group = process_of(*provider);
  const Error error = failure_of(*provider);
  EXPECT_EQ(error.origin, GetParam().origin);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("adapter /usr/bin/python3, invoke CreateVolume: expected"),
                    HasSubstr(GetParam().found)));
  EXPECT_TRUE(gone(group));
  EXPECT_TRUE(provider->inventory()) << "a new child answers";
}

INSTANTIATE_TEST_SUITE_P(
    Process, Misbehaving,
    testing::Values(
        Misbehaviour{"crash", Origin::Transport, "found that it ended with signal 6 (SIGABRT)"},
        Misbehaviour{"crash-mid-line", Origin::Transport,
                     "signal 9 (SIGKILL) after 10 bytes of an unfinished line; its standard error "
                     "ends: last words"},
        Misbehaviour{"exit", Origin::Transport, "found that it ended with exit code 3"},
        Misbehaviour{"hang", Origin::Transport, "deadline of 1500 ms, found none: it hangs"},
        Misbehaviour{"garbage", Origin::Provider, "bytes that are none"},
        Misbehaviour{"wrong-id", Origin::Provider, "answer.id: expected"},
        Misbehaviour{"no-id", Origin::Provider, "answer.id: expected"},
        Misbehaviour{"invalid-utf8", Origin::Provider, "bytes that are none"},
        Misbehaviour{"huge-line", Origin::Provider, "a line of at most 1048576 bytes"},
        Misbehaviour{"closed-output", Origin::Transport, "that it closed its standard output"},
        Misbehaviour{"grandchild", Origin::Transport, "signal 6 (SIGABRT)"}),
    [](const auto& one) {
      std::string name = one.param.mode;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(Process, TwoAnswersToOneRequestAreNoticedByTheNext) {
  auto provider = made(scripted("two-answers"));
  ASSERT_NE(provider, nullptr);
  static_cast<void>(provider->invoke(CreateVolumeRequest{}));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto next = provider->inventory();
  ASSERT_FALSE(next);
  EXPECT_THAT(next.error().message, HasSubstr("expected no line before it was asked"));
}

TEST(Process, ALineThatNobodyAskedForIsNoticed) {
  auto provider = made(scripted("talkative"));
  ASSERT_NE(provider, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  const auto asked = provider->inventory();
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message, HasSubstr("by the way"));
}

TEST(Process, AnErrorIsNoEndOfTheConversation) {
  auto provider = made(scripted("error"));
  ASSERT_NE(provider, nullptr);
  const Error error = failure_of(*provider);
  EXPECT_EQ(error.origin, Origin::Provider);
  EXPECT_THAT(error.message, HasSubstr("found the error: the array is on fire"));
  EXPECT_EQ(kill(process_of(*provider), 0), 0) << "the same child goes on";
  EXPECT_TRUE(provider->inventory());
}

TEST(Process, AFloodOnStandardErrorBlocksNobody) {
  auto provider = made(scripted("noisy"));
  ASSERT_NE(provider, nullptr);
  EXPECT_TRUE(provider->invoke(CreateVolumeRequest{}));
}

TEST(Process, ThreeLossesInARowAreEnough) {
  auto provider = made(scripted("crash"));
  ASSERT_NE(provider, nullptr);
  for (int i = 0; i != 3; ++i) {
    EXPECT_THAT(failure_of(*provider).message, HasSubstr("SIGABRT"));
    if (i != 2) {
      EXPECT_TRUE(provider->inventory());
    }
  }
  for (int i = 0; i != 2; ++i) {
    EXPECT_THAT(failure_of(*provider).message,
                AllOf(HasSubstr("given up after it was lost 3 times in a row"),
                      HasSubstr("the last time: "), HasSubstr("SIGABRT")));
  }
  EXPECT_FALSE(provider->inventory());
}

TEST(Process, WhoCannotBeStartedIsNamed) {
  struct Unstartable {
    ProcessOptions options;
    Origin origin;
    const char* found;
  };
  ProcessOptions missing;
  missing.arguments = {"./no-such-adapter"};
  ProcessOptions not_executable;
  not_executable.arguments = {"./README.md"};
  ProcessOptions late = scripted("hang-at-once");
  late.start_deadline = std::chrono::milliseconds(300);
  const Unstartable all[] = {
      {missing, Origin::Config, "./no-such-adapter: expected a program to start, found: No such"},
      {not_executable, Origin::Config, "make it executable (chmod +x)"},
      {scripted("exit-at-once"), Origin::Transport,
       "hello: expected an answer, found that it ended with exit code 7; its standard error ends: "
       "no licence"},
      {late, Origin::Transport, "hello: expected an answer within its deadline of 300 ms"},
      {scripted("other-protocol"), Origin::Provider, "expected protocol version 1, found 2"},
  };
  for (const Unstartable& one : all) {
    const auto provider = make_process(one.options);
    ASSERT_FALSE(provider) << one.found;
    EXPECT_EQ(provider.error().origin, one.origin) << provider.error().message;
    EXPECT_THAT(provider.error().message, HasSubstr(one.found));
  }
}

TEST(Process, NobodyIsLeftWhenTheProviderGoes) {
  for (const char* mode : {"honest", "endless"}) {
    auto provider = made(scripted(mode));
    ASSERT_NE(provider, nullptr);
    const pid_t group = process_of(*provider);
    provider.reset();
    EXPECT_TRUE(gone(group)) << mode;
  }
}

std::string text_in(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(Process, EvidenceIsKeptWithoutSecrets) {
  ::setenv("LOCKSTEP_TEST_TOKEN", "hunter2-hunter2", 1);
  auto provider = made(scripted("secret"));
  ASSERT_NE(provider, nullptr);
  const auto folder = std::filesystem::temp_directory_path() /
                      ("lockstep-process-" + std::to_string(process_of(*provider)));
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(provider->keep_evidence(folder));
  EXPECT_THAT(failure_of(*provider).message, Not(HasSubstr("hunter2")));
  CreateReplicaRequest request;
  request.password = "quoted \" secret";
  static_cast<void>(provider->invoke(request));
  const std::string exchanges = text_in(folder / "exchanges.log");
  const std::string errors = text_in(folder / "adapter-stderr.log");
  ::unsetenv("LOCKSTEP_TEST_TOKEN");
  std::filesystem::remove_all(folder);
  EXPECT_THAT(exchanges, AllOf(HasSubstr("hello"), HasSubstr("invoke CreateVolume"),
                               HasSubstr("\"password\":\"(removed)\"")));
  for (const char* secret : {"hunter2", "open sesame", "quoted"}) {
    EXPECT_THAT(exchanges, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(errors, AllOf(HasSubstr("token is (removed)"), Not(HasSubstr("hunter2"))));
  EXPECT_FALSE(provider->keep_evidence("/no/such/folder"));
}

TEST(ExecSpec, Words) {
  const auto spec =
      parse_exec_spec("exec:./a 'b c' \"d'e\" ''?portal=iscsi://h/iqn.x&deadline=2s&portal=p");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_THAT(spec.value().arguments, testing::ElementsAre("./a", "b c", "d'e", ""));
  EXPECT_THAT(spec.value().portals, testing::ElementsAre("iscsi://h/iqn.x", "p"));
  EXPECT_EQ(spec.value().deadline, std::chrono::seconds(2));
  for (const char* bad : {"exec:", "exec:  ", "exec:'a", "exec:a?x=1", "exec:a?deadline=soon",
                          "exec:a?deadline=0s", "exec:''"}) {
    EXPECT_FALSE(parse_exec_spec(bad)) << bad;
  }
}

}  // namespace
}  // namespace lockstep::conformance
