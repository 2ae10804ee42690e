// LMDB trusts its file: a damaged page can make it read anywhere. Before it gets to see the file of
// a store, every page that the newest meta page leads to is checked for what LMDB relies on.
//
// Source: the page, node and meta structures of LMDB 0.9 (mdb.c), 64-bit, little-endian.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace lockstep::store::detail {

// What is wrong with the file, in the form "page 7 that …"; empty: nothing. An empty file is not
// wrong: LMDB makes a new one of it.
[[nodiscard]] std::string find_map_damage(std::span<const std::byte> file);
// Of the file at `path`; a file that does not exist is empty.
[[nodiscard]] std::string find_map_damage_in(const std::string& path);

}  // namespace lockstep::store::detail
