// SPDX-License-Identifier: Apache-2.0
// Between Beast's messages and ours, for the server only.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "clients/portal/http/message.h"

namespace latchkey::portal {

inline constexpr unsigned kMostHeaderBytes = 8 * 1024;
inline constexpr unsigned kMostBodyBytes = 16 * 1024;

using WireRequest = boost::beast::http::request<boost::beast::http::string_body>;
using WireResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Takes the body out of `wire` and leaves no copy of it behind.
Request FromWire(WireRequest& wire, const std::string& peer);
// For HEAD the length is told and the body left out.
WireResponse ToWire(Response response, unsigned version, bool keep_alive, bool head);

}  // namespace latchkey::portal
