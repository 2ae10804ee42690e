// Goal: each rule leads to the bytes of the right volume and never to those of another; what a
// user's program does wrong is named, and nothing of it is left. Method: the reference's own LUNs;
// what is read by a rule is compared with what the reference says is there.
#include "conformance/providers/data_access/data_access.hpp"

#include "conformance/providers/data_access/hook.hpp"
#include "conformance/providers/data_access/test/scratch.hpp"
#include "target_impl/portal_data_path.hpp"
#include "target_impl/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>
#include <unistd.h>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kBlock = 512;

class ByRule : public testing::Test {
 protected:
  ByRule() {
    ReferenceOptions small;
    small.pool_bytes = 16ULL << 20;
    auto made = make_reference(small);
    EXPECT_TRUE(made);
    reference_ = std::move(made).value();
    portal_ = "iscsi://" + reference_->portal() + "/" + reference_->target_name();
    for (const char* name : {"db-1", "Other.2"}) {
      CreateVolumeRequest request;
      request.element_name = name;
      request.blocks = BlockCount{64};
      const auto answer = reference_->invoke(request);
      EXPECT_TRUE(answer && answer.value().target_element);
      volumes_.push_back(answer.value().target_element.value_or(ElementRef{}));
      const std::vector<std::byte> bytes(kBlock, std::byte(volumes_.size()));
      EXPECT_TRUE(reference_->data_path()->write(volumes_.back(), Lba{0}, bytes));
    }
  }

  Result<VolumeIdentity> who_is(const ElementRef& asked) {
    const auto inventory = reference_->inventory();
    EXPECT_TRUE(inventory);
    for (const ElementView& element : inventory.value().elements) {
      if (element.ref == asked) {
        return VolumeIdentity{element.element_name.value_or(""),
                              gives_naa_ ? element.device_id : "", serial_[asked]};
      }
    }
    return config_error("no volume " + asked.path);
  }
  std::string url_of(const ElementRef& volume) {
    return portal_ + "/" + std::to_string(reference_->lun_of(volume).value_or(0));
  }

  std::unique_ptr<DataAccess> access(const std::string& rules) {
    auto made = DataAccess::make({}, scratch_.file("rules.toml", rules),
                                 [this](const ElementRef& element) { return who_is(element); });
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(made).value() : nullptr;
  }
  // The first byte of each volume is its number; -1: an Error, which is kept.
  int first_byte(DataAccess& access, std::size_t volume) {
    std::vector<std::byte> bytes(kBlock);
    const auto answer = access.path().read(volumes_[volume], Lba{0}, bytes);
    if (answer) return std::to_integer<int>(bytes[0]);
    error_ = answer.error();
    return -1;
  }
  void expect_both(const std::string& rules) {
    const auto made = access(rules);
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(first_byte(*made, 0), 1) << error_.message;
    EXPECT_EQ(first_byte(*made, 1), 2) << error_.message;
  }

  Scratch scratch_;
  std::unique_ptr<ReferenceProvider> reference_;
  std::string portal_;
  std::vector<ElementRef> volumes_;
  std::map<ElementRef, std::string> serial_;
  bool gives_naa_ = true;
  Error error_;
};

TEST_F(ByRule, Identifier) {
  expect_both("portals = [\"" + portal_ + "\"]\n[[rule]]\nby = \"identifier\"\n");
  expect_both("portals = [\"" + portal_ + "\"]\n");  // goes without saying
}

TEST_F(ByRule, Serial) {
  const auto finder = LunFinder::make({portal_}, LunIdentifier::Serial);
  ASSERT_TRUE(finder);
  for (int number = 1; number < 40; ++number) {
    const std::string serial = "LS" + std::to_string(number);
    const auto url = finder.value()->url_of(serial);
    for (const ElementRef& volume : volumes_) {
      if (url && url.value() == url_of(volume)) serial_[volume] = serial;
    }
  }
  ASSERT_EQ(serial_.size(), 2U);
  expect_both("portals = [\"" + portal_ + "\"]\n[[rule]]\nby = \"serial\"\n");
  serial_.clear();
  const auto without = access("portals = [\"" + portal_ + "\"]\n[[rule]]\nby = \"serial\"\n");
  EXPECT_EQ(first_byte(*without, 0), -1);
  EXPECT_EQ(error_.origin, Origin::Config);
  EXPECT_THAT(error_.message, HasSubstr("gives no serial number"));
}

TEST_F(ByRule, Name) {
  // Volumes called after their LUNs stand in for targets called after their volumes.
  const auto rule = "[[rule]]\nby = \"name\"\nurl = \"" + portal_ + "/{name}\"\n";
  const auto made = access(rule);
  EXPECT_EQ(first_byte(*made, 0), -1);  // "db-1" is no LUN
  CreateVolumeRequest request;
  request.element_name = std::to_string(reference_->lun_of(volumes_[1]).value() + 1);
  request.blocks = BlockCount{64};
  const auto answer = reference_->invoke(request);
  ASSERT_TRUE(answer && answer.value().target_element);
  volumes_.push_back(*answer.value().target_element);
  ASSERT_EQ(url_of(volumes_[2]), portal_ + "/" + *request.element_name);
  const std::vector<std::byte> bytes(kBlock, std::byte{3});
  ASSERT_TRUE(reference_->data_path()->write(volumes_[2], Lba{0}, bytes));
  EXPECT_EQ(first_byte(*made, 2), 3) << error_.message;
}

TEST_F(ByRule, Table) {
  const std::string table = "[[rule]]\nby = \"table\"\n[rule.urls]\n";
  expect_both(table + "\"db-1\" = \"" + url_of(volumes_[0]) + "\"\n\"Other.2\" = \"" +
              url_of(volumes_[1]) + "\"\n");
  // The LUN of another volume is not written to by mistake.
  const auto crossed = access(table + "\"db-1\" = \"" + url_of(volumes_[1]) + "\"\n");
  EXPECT_EQ(first_byte(*crossed, 0), -1);
  EXPECT_THAT(error_.message, HasSubstr("found one with"));
  EXPECT_EQ(first_byte(*crossed, 1), -1);
  EXPECT_THAT(error_.message, HasSubstr("the table has no line for it"));
  // Where the provider gives no identifier, the user's word stands.
  gives_naa_ = false;
  const auto believed = access(table + "\"db-1\" = \"" + url_of(volumes_[1]) + "\"\n");
  EXPECT_EQ(first_byte(*believed, 0), 2);
}

TEST_F(ByRule, CommandIsAskedOncePerVolumeThatIsThere) {
  const std::string urls = scratch_.file(
      "urls", "db-1 " + url_of(volumes_[0]) + "\nOther.2 " + url_of(volumes_[1]) + "\n");
  const std::string calls = scratch_.folder() + "/calls";
  const std::string script = scratch_.script("echo \"$1\" >>" + calls +
                                             "; while read -r name url; do "
                                             "[ \"$name\" = \"$1\" ] && echo \"$url\"; done <" +
                                             urls + "; exit 0\n");
  const auto made =
      access("[[rule]]\nby = \"command\"\ncommand = [\"" + script + "\", \"{name}\"]\n");
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(first_byte(*made, 0), 1) << error_.message;
    EXPECT_EQ(first_byte(*made, 1), 2) << error_.message;
  }
  const auto said = [&] {
    std::stringstream text;
    text << std::ifstream(calls).rdbuf();
    return text.str();
  };
  EXPECT_EQ(said(), "db-1\nOther.2\n");
  auto inventory = reference_->inventory();
  ASSERT_TRUE(inventory);
  made->seen(inventory.value());
  EXPECT_EQ(first_byte(*made, 0), 1);
  EXPECT_EQ(said(), "db-1\nOther.2\n");
  made->seen(Inventory{});  // gone: a new volume may come under the same path
  EXPECT_EQ(first_byte(*made, 0), 1);
  EXPECT_EQ(said(), "db-1\nOther.2\ndb-1\n");
}

TEST_F(ByRule, TheFirstThatLeadsToALunIsTaken) {
  expect_both("portals = [\"" + portal_ + "\"]\n[[rule]]\nby = \"serial\"\n[[rule]]\nvolumes = " +
              "\"db-*\"\nby = \"table\"\nurls = { \"db-1\" = \"" + url_of(volumes_[0]) +
              "\" }\n[[rule]]\nby = \"identifier\"\n");
  const auto none = access("[[rule]]\nby = \"serial\"\nvolumes = \"x*\"\n");
  EXPECT_EQ(first_byte(*none, 0), -1);
  EXPECT_EQ(error_.origin, Origin::Config);
  EXPECT_THAT(error_.message, HasSubstr("volume \"db-1\""));
  EXPECT_THAT(error_.message, HasSubstr("no rule is for it"));
}

TEST(DataAccess, IsNoneWithoutPortalsAndRules) {
  const auto none = DataAccess::make({}, "", {});
  ASSERT_TRUE(none);
  EXPECT_EQ(none.value(), nullptr);
  EXPECT_THAT(description_of(nullptr), HasSubstr("none"));
  EXPECT_FALSE(DataAccess::make({"iscsi://"}, "", {}));
}

class Hook : public testing::Test {
 protected:
  Result<std::string> run(const std::string& script,
                          std::chrono::milliseconds time = std::chrono::seconds(20)) {
    return run_hook({scratch_.script(script), "{name}", "{path}", "x{identifier}{serial}"},
                    ElementRef{"{name}"}, {"a b\"$(exit 9)'", "6abc", "S1"}, time);
  }
  void expect_refused(const std::string& script, const std::string& found) {
    const auto url = run(script);
    ASSERT_FALSE(url) << script;
    EXPECT_EQ(url.error().origin, Origin::Config);
    EXPECT_THAT(url.error().message, HasSubstr(found));
    EXPECT_THAT(url.error().message, HasSubstr("script.sh"));
  }
  Scratch scratch_;
};

constexpr const char* kUrl = "iscsi://h:3260/iqn.2026-11.org:x/1";

TEST_F(Hook, IsGivenItsArgumentsUntouchedAndItsLineIsTaken) {
  const std::string seen = scratch_.folder() + "/seen";
  const auto url = run("printf '%s|' \"$@\" >" + seen + "; echo " + kUrl + "; echo chatter >&2\n");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url.value(), kUrl);
  std::stringstream text;
  text << std::ifstream(seen).rdbuf();
  EXPECT_EQ(text.str(), "a b\"$(exit 9)'|{name}|x6abcS1|");
  EXPECT_TRUE(run(std::string("printf ") + kUrl));  // without a newline
}

TEST_F(Hook, WhatItDoesWrongIsNamed) {
  expect_refused("exit 0", "found none (exit code 0)");
  expect_refused("exit 3", "found none (exit code 3)");
  expect_refused(std::string("echo ") + kUrl + "; exit 3",
                 "expected exit code 0, found exit code 3");
  expect_refused(std::string("echo ") + kUrl + "; echo more", "a second line");
  expect_refused(std::string("echo ") + kUrl + "; printf more", "a second line");
  expect_refused("echo http://h/1", "http://h/1");
  expect_refused("echo iscsi://h/iqn.2026-11.org:x", "lun");
  expect_refused("yes | tr -d '\\n'", "more than 1024 bytes");
  expect_refused("kill -SEGV $$", "SIGSEGV");
  const auto absent = run_hook({"/nowhere/expose"}, ElementRef{"p"}, {}, std::chrono::seconds(5));
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message, HasSubstr("/nowhere/expose"));
}

TEST_F(Hook, ItsLastWordsAreShownWithoutSecrets) {
  ::setenv("LOCKSTEP_TEST_PASSWORD", "hunter2hunter2", 1);
  const auto url = run("echo cannot log in with $LOCKSTEP_TEST_PASSWORD >&2; exit 1");
  ::unsetenv("LOCKSTEP_TEST_PASSWORD");
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().message, HasSubstr("it said: cannot log in with (removed)"));
  EXPECT_THAT(url.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(Hook, OneThatDoesNotEndIsKilledWithAllThatItStarted) {
  for (const std::string& said : {std::string(), std::string("echo ") + kUrl + "; "}) {
    const std::string pids = scratch_.folder() + "/pids";
    std::filesystem::remove(pids);
    const auto url = run("sleep 1000 & echo $! $$ >" + pids + "; " + said + "wait\n",
                         std::chrono::milliseconds(500));
    ASSERT_FALSE(url);
    EXPECT_THAT(url.error().message, HasSubstr("within 500 ms"));
    std::ifstream stream(pids);
    pid_t background = 0;
    pid_t itself = 0;
    stream >> background >> itself;
    ASSERT_GT(itself, 0);
    EXPECT_NE(::kill(itself, 0), 0);
    // The one in the background is reaped by somebody else, soon.
    bool gone = false;
    for (int turn = 0; turn < 500 && !gone; ++turn) {
      std::ifstream stat("/proc/" + std::to_string(background) + "/stat");
      std::string number;
      std::string name;
      std::string state;
      stat >> number >> name >> state;
      gone = state.empty() || state == "Z" || state == "X";
      if (!gone) ::usleep(10'000);
    }
    EXPECT_TRUE(gone);
  }
}

}  // namespace
}  // namespace lockstep::conformance
