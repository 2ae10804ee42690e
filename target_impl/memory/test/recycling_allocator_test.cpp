#include "target_impl/memory/recycling_allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>
#include <vector>

namespace lockstep::memory {
namespace {

using Object = std::array<char, 40>;

std::vector<std::shared_ptr<Object>> make(std::size_t count) {
  std::vector<std::shared_ptr<Object>> made;
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(std::allocate_shared<Object>(RecyclingAllocator<Object>{}));
    made.back()->fill(static_cast<char>(i));
  }
  return made;
}

std::vector<Object*> places_of(const std::vector<std::shared_ptr<Object>>& objects) {
  std::vector<Object*> places;
  for (const auto& object : objects) places.push_back(object.get());
  std::sort(places.begin(), places.end());
  return places;
}

TEST(RecyclingAllocator, UsesAgainWhatWasGivenBack) {
  const auto before = places_of(make(100));
  // In between the general allocator could hand it to somebody else.
  const std::vector<std::unique_ptr<Object>> others = [] {
    std::vector<std::unique_ptr<Object>> all(400);
    for (auto& one : all) one = std::make_unique<Object>();
    return all;
  }();
  const auto again = make(100);
  if (kRecycles) {
    EXPECT_EQ(places_of(again), before);
  }
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i]->back(), static_cast<char>(i)) << "each has memory of its own";
  }
}

TEST(RecyclingAllocator, KeepsSoMuchAndNoMore) {
  constexpr std::size_t kMany = 3 * RecyclingAllocator<Object>::kMost;
  EXPECT_EQ(make(kMany).size(), kMany);
  EXPECT_EQ(make(kMany).size(), kMany);
}

// Memory checkers see what is left behind, or given back twice.
TEST(RecyclingAllocator, WhatOneThreadTakesAnotherMayGiveBackAndEnd) {
  auto objects = make(100);
  std::thread([&objects] {
    objects.clear();
    objects = make(50);
  }).join();
  objects.clear();
  struct Last {
    std::shared_ptr<Object> object;
  };
  std::thread([] {
    // Destroyed after what the allocator does at the end of the thread, which comes to be later.
    static thread_local Last last;
    last.object = make(1).front();
    make(10).clear();
  }).join();
}

}  // namespace
}  // namespace lockstep::memory
