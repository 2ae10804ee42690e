// HTTP's side of CIM operations: what is checked before a call is carried out (DSP0200). Internal.
#pragma once

#include "model/wire/http.hpp"
#include "target_impl/cimxml/object_manager.hpp"

namespace lockstep::cimxml {

// Thread-safe as far as the object manager is.
class HttpService {
 public:
  HttpService(Provider& provider, const ServerOptions& options)
      : manager_(provider, options), options_(options) {}
  [[nodiscard]] wire::HttpMessage answer(const wire::HttpMessage& request);

 private:
  [[nodiscard]] bool authorized(const wire::HttpMessage& request) const;
  ObjectManager manager_;
  const ServerOptions& options_;
};

// A response without a body. `cim_error` goes into the CIMError header unless it is empty.
[[nodiscard]] wire::HttpMessage http_failure(unsigned status, const char* reason,
                                             const std::string& cim_error = {});

}  // namespace lockstep::cimxml
