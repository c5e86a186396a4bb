// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>

namespace latchkey::portal {
namespace {

namespace ip = boost::asio::ip;

std::optional<ip::address> ParseAddress(std::string_view text) {
  if (text.size() > 45 || text.find('%') != std::string_view::npos) return std::nullopt;
  boost::system::error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

std::string_view TrimList(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

struct Proxies::Networks {
  std::vector<ip::network_v4> v4;
  std::vector<ip::network_v6> v6;
};

Proxies::Proxies() : networks_(std::make_unique<Networks>()) {}
Proxies::Proxies(Proxies&&) noexcept = default;
Proxies& Proxies::operator=(Proxies&&) noexcept = default;
Proxies::~Proxies() = default;

Result<Proxies> Proxies::Parse(const std::vector<std::string>& listed) {
  Proxies proxies;
  for (const std::string& text : listed) {
    const bool bare = text.find('/') == std::string::npos;
    boost::system::error_code error;
    if (text.find(':') == std::string::npos) {
      auto network = ip::make_network_v4(bare ? text + "/32" : text, error);
      if (!error) proxies.networks_->v4.push_back(network);
    } else {
      auto network = ip::make_network_v6(bare ? text + "/128" : text, error);
      if (!error) proxies.networks_->v6.push_back(network);
    }
    if (error) return Malformed("trusted_proxies", "\"" + text + "\" is no address or network");
  }
  return proxies;
}

bool Proxies::Trusts(std::string_view text) const {
  const auto address = ParseAddress(text);
  if (!address) return false;
  if (address->is_v4()) {
    return std::any_of(networks_->v4.begin(), networks_->v4.end(), [&](const auto& network) {
      return ip::network_v4(address->to_v4(), network.prefix_length()).network() ==
             network.network();
    });
  }
  return std::any_of(networks_->v6.begin(), networks_->v6.end(), [&](const auto& network) {
    return ip::network_v6(address->to_v6(), network.prefix_length()).network() == network.network();
  });
}

std::string Proxies::CustomerOf(const Request& request) const {
  std::string customer = CanonicalAddress(request.peer);
  // Several headers are one list; each hop appends, so the list is walked from its end.
  std::string list;
  for (const Header& header : request.headers) {
    if (!SameName(header.name, "X-Forwarded-For")) continue;
    if (!list.empty()) list += ',';
    list += header.value;
  }
  std::string_view rest = list;
  while (Trusts(customer) && !rest.empty()) {
    const size_t comma = rest.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
    const std::string next = CanonicalAddress(TrimList(last));
    if (next.empty()) break;  // a proxy of ours wrote no address: its own is the best that is known
    customer = next;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
  }
  return customer;
}

std::string CanonicalAddress(std::string_view text) {
  const auto address = ParseAddress(text);
  return address ? address->to_string() : std::string();
}

std::string SourceOf(std::string_view text) {
  const auto address = ParseAddress(text);
  if (!address) return std::string(text);
  if (address->is_v4()) return address->to_string();
  return ip::network_v6(address->to_v6(), 64).network().to_string();
}

}  // namespace latchkey::portal
