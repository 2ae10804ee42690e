// Goal: what the speed of the harness is measured on is real work. Method: sequences recorded from
// the reference, judged again; and once more with a recorded answer made wrong.
#include "properties/speed/harness_speed.hpp"
#include "properties/test/reference_provider.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace lockstep::properties {
namespace {

using test::reference;

// An answer that no method gives.
History with_wrong_answer(History history) {
  for (History::Entry& entry : history.entries) {
    auto* answered = std::get_if<History::Answered>(&entry);
    if (answered == nullptr) continue;
    answered->answer.code = static_cast<ReturnCode>(4095);
    break;
  }
  return history;
}

// Everything that was read begins with another byte. In one read alone it may pass: what a target
// holds while it is being filled is open.
History with_wrong_bytes(History history) {
  for (History::Entry& entry : history.entries) {
    auto* read = std::get_if<History::Read>(&entry);
    if (read == nullptr) continue;
    for (model::Judge::Image& image : read->images) image.bytes[0] ^= std::byte{1};
  }
  return history;
}

TEST(HarnessSpeed, IsMeasuredOnSequencesThatAreJudgedInFull) {
  constexpr std::size_t kCommands = 20;
  const auto sequences = sequences_of(reference, kCommands, 5);
  ASSERT_TRUE(sequences) << sequences.error().message;
  ASSERT_EQ(sequences.value().size(), 5U);
  for (const Sequence& sequence : sequences.value()) EXPECT_EQ(sequence.size(), kCommands);

  const auto recorded = record_sequences(reference, sequences.value());
  ASSERT_TRUE(recorded) << recorded.error().message;
  EXPECT_GT(recorded.value().steps, 0U);
  for (const History& history : recorded.value().histories) {
    EXPECT_FALSE(judge(history).violation);
    EXPECT_TRUE(judge(with_wrong_answer(history)).violation);
    EXPECT_TRUE(judge(with_wrong_bytes(history)).violation);
  }

  const auto speed = measure_judge(recorded.value(), std::chrono::milliseconds{1});
  ASSERT_TRUE(speed) << speed.error().message;
  EXPECT_GE(speed.value().judgements, speed.value().steps);
  EXPECT_GT(speed.value().bytes, 0U);
  EXPECT_EQ(bytes_read(without_reads(recorded.value().histories[0])), 0U);

  const auto received =
      measure_judge(recorded.value(), std::chrono::milliseconds{1}, Nearness::JustReceived);
  ASSERT_TRUE(received) << received.error().message;
  EXPECT_GE(received.value().judgements, received.value().steps);
  EXPECT_GT(received.value().bytes, 0U);

  RecordedSequences wrong = recorded.value();
  wrong.histories[0] = with_wrong_answer(wrong.histories[0]);
  for (const Nearness nearness : {Nearness::Afar, Nearness::JustReceived}) {
    EXPECT_FALSE(measure_judge(wrong, std::chrono::milliseconds{1}, nearness));
  }
}

TEST(HarnessSpeed, RunsWholeSequences) {
  const auto sequences = sequences_of(reference, 8, 2);
  ASSERT_TRUE(sequences) << sequences.error().message;
  const auto seconds =
      measure_sequences(reference, sequences.value(), std::chrono::milliseconds{1});
  ASSERT_TRUE(seconds) << seconds.error().message;
  ASSERT_GE(seconds.value().size(), 1U);
  EXPECT_GT(seconds.value()[0], 0);
}

}  // namespace
}  // namespace lockstep::properties
