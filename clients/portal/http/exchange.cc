// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/exchange.h"

#include <ctime>

namespace latchkey::portal {
namespace {

namespace http = boost::beast::http;

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[64];
  const size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text, size};
}

Method MethodOf(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::kGet;
    case http::verb::head:
      return Method::kHead;
    case http::verb::post:
      return Method::kPost;
    default:
      return Method::kOther;
  }
}

}  // namespace

Request FromWire(WireRequest& wire, const std::string& peer) {
  Request request;
  request.method = MethodOf(wire.method());
  request.target = std::string(wire.target());
  for (const auto& field : wire) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  request.body = std::move(wire.body());
  request.peer = peer;
  return request;
}

WireResponse ToWire(Response response, unsigned version, bool keep_alive, bool head) {
  WireResponse wire(static_cast<http::status>(response.status), version);
  wire.reason(std::string(StatusText(response.status)));
  wire.set(http::field::date, HttpDate());
  if (response.status != 303) wire.set(http::field::content_type, response.type);
  for (const Header& header : response.headers) wire.insert(header.name, header.value);
  wire.keep_alive(keep_alive);
  wire.content_length(response.body.size());
  if (!head) wire.body() = std::move(response.body);
  return wire;
}

}  // namespace latchkey::portal
