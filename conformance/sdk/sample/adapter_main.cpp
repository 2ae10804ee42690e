// TinyProvider as an adapter: lockstep conform --provider exec:./tiny_adapter. Its bytes stay
// inside this process, so that the clauses about them are not testable this way.
#include "conformance/sdk/adapter_host.hpp"
#include "tiny_provider.hpp"

#include <iostream>

int main() {
  tiny::TinyProvider provider;
  const auto ended = lockstep::conformance::serve_adapter(provider, {}, std::cin, std::cout);
  if (ended) return 0;
  std::cerr << ended.error().message << '\n';
  return 1;
}
