// Turns what a look says about a relationship into epochs of its volumes. Internal to Content.
#pragma once

#include "model/core/content.hpp"

#include <string_view>

namespace lockstep::model {

// In which no bytes flow; in which source and target go their own ways.
inline constexpr PlaceSet kNoFlow{CopyState::Initialized, CopyState::Prepared};
inline constexpr PlaceSet kSeparated{CopyState::Fractured, CopyState::Split, CopyState::Inactive,
                                     CopyState::Suspended, CopyState::Failedover};

[[nodiscard]] constexpr Instant later(Instant a, Instant b) noexcept { return a < b ? b : a; }

// What it breaks to differ in such a state from what was held when it was reached.
[[nodiscard]] std::string_view separation_clause(CopyState state, bool mirror) noexcept;

class ContentPhases {
 public:
  // `fresh`: the pair begins with this look.
  ContentPhases(Content& content, const CopyLook& look, Content::Pair& pair, bool fresh)
      : content_(content), look_(look), pair_(pair), fresh_(fresh) {}

  // False once the relationship is gone and its pair is to be dropped.
  bool follow();
  // Something has been added to a volume's history.
  [[nodiscard]] bool told() const noexcept { return told_; }

 private:
  using Phase = Content::Phase;

  void begin();
  void swap_roles();
  void note_restore();
  [[nodiscard]] bool restored_besides(Span span) const;
  void note_failback();
  void pend();
  void mirror();
  void mirror_reaches_synchronized();
  void mirror_separates(CopyState state);
  [[nodiscard]] bool retakes() const noexcept;
  [[nodiscard]] bool may_retake() const noexcept;
  void point_in_time();
  void point_in_time_taken();
  void point_in_time_separates(CopyState state);
  void lose_track();
  void end();

  // When the operation, or whatever led here, was at work: from the call to its end.
  [[nodiscard]] Span during() const;
  [[nodiscard]] bool is(MachineKind kind) const { return look_.kind == kind; }
  [[nodiscard]] bool is_mirror() const;
  [[nodiscard]] std::string_view instant_clause() const;
  void push(VolumeNumber volume, Epoch epoch);
  void push_mix(Span window, bool live, bool exact, bool or_before, std::string_view clause);
  void push_instant(Spans windows, Span begins, bool or_before, std::string_view clause);

  Content& content_;
  const CopyLook& look_;
  Content::Pair& pair_;
  const bool fresh_;
  bool told_ = false;
  bool swapped_ = false;  // the ends have changed places at this look
};

}  // namespace lockstep::model
