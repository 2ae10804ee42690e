// Goal: what the speed of the harness is measured on is real work. Method: sequences recorded from
// the reference, judged again; and once more with a recorded answer made wrong.
#include "properties/speed/harness_speed.hpp"
#include "target_impl/reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace lockstep::properties {
namespace {

Result<std::unique_ptr<Provider>> reference() {
  LOCKSTEP_TRY(auto made, make_reference());
  return std::unique_ptr<Provider>(std::move(made));
}

// An answer that no method gives.
JudgeTape with_wrong_answer(const JudgeTape& tape) {
  JudgeTape wrong;
  bool done = false;
  for (JudgeTape::Entry entry : tape.entries()) {
    auto* called = std::get_if<JudgeTape::Called>(&entry);
    if (called != nullptr && !std::exchange(done, true)) {
      called->answer.code = static_cast<ReturnCode>(4095);
    }
    wrong.add(std::move(entry));
  }
  return wrong;
}

// Everything that was read begins with another byte. In one read alone it may pass: what a target
// holds while it is being filled is open.
JudgeTape with_wrong_bytes(const JudgeTape& tape) {
  JudgeTape wrong;
  for (JudgeTape::Entry entry : tape.entries()) {
    if (auto* read = std::get_if<JudgeTape::Read>(&entry)) read->data[0] ^= std::byte{1};
    wrong.add(std::move(entry));
  }
  return wrong;
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
  for (const JudgeTape& tape : recorded.value().tapes) {
    const auto& capabilities = recorded.value().capabilities;
    EXPECT_TRUE(tape.judge(capabilities));
    EXPECT_FALSE(with_wrong_answer(tape).judge(capabilities));
    EXPECT_FALSE(with_wrong_bytes(tape).judge(capabilities));
  }

  const auto speed = measure_judge(recorded.value(), std::chrono::milliseconds{1});
  ASSERT_TRUE(speed) << speed.error().message;
  EXPECT_GE(speed.value().judgements, speed.value().steps);
  EXPECT_GT(speed.value().bytes, 0U);
  EXPECT_EQ(recorded.value().tapes[0].without_reads().bytes_read(), 0U);

  RecordedSequences wrong = recorded.value();
  wrong.tapes[0] = with_wrong_answer(wrong.tapes[0]);
  EXPECT_FALSE(measure_judge(wrong, std::chrono::milliseconds{1}));
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
