// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

#include "clients/portal/http/address.h"
#include "clients/portal/http/exchange.h"
#include "clients/portal/http/gate.h"
#include "crypto/tls_files.h"

namespace latchkey::portal {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using PlainStream = beast::tcp_stream;

// Waits for the handler without holding a thread; goes on in the connection's strand.
asio::awaitable<Response> Ask(Handler& handler, Request request) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Response)>(
      [&handler](auto completion, Request asked) {
        auto held = std::make_shared<decltype(completion)>(std::move(completion));
        handler.Handle(std::move(asked), [held](Response response) {
          auto executor = asio::get_associated_executor(*held);
          asio::dispatch(executor, [held, answer = std::move(response)]() mutable {
            (*held)(std::move(answer));
          });
        });
      },
      asio::use_awaitable, std::move(request));
}

// What a peer is told whose bytes are no request that we take; 0: nothing, the connection just
// ends.
unsigned StatusOf(const error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  if (error.category() == make_error_code(http::error::bad_method).category()) return 400;
  return 0;
}

ssl::context MakeTls(const crypto::TlsPair& own) {
  ssl::context tls(ssl::context::tls_server);
  tls.set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                  ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                  ssl::context::no_compression);
  tls.use_certificate_chain(asio::buffer(own.certificate_pem));
  tls.use_private_key(asio::buffer(own.key_pem.Reveal()), ssl::context::pem);
  return tls;
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Handler& handler, std::function<void(const AccessLine&)> log)
      : options_(std::move(options)),
        handler_(handler),
        log_(std::move(log)),
        context_(static_cast<int>(options_.threads)),
        gate_(options_.limits.connections, options_.limits.connections_per_source),
        work_(asio::make_work_guard(context_)),
        acceptor_(asio::make_strand(context_)) {}

  ~Impl() {
    context_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

  Done Open() {
    if (!options_.tls_certificate.empty()) {
      LATCHKEY_ASSIGN(const crypto::TlsPair own,
                      crypto::ReadTlsPair({options_.tls_certificate, options_.tls_key}));
      try {
        tls_.emplace(MakeTls(own));
      } catch (const std::exception& error) {
        return Malformed("tls_certificate", "certificate and key cannot be used (" +
                                                std::string(error.what()) +
                                                "); check tls_certificate and tls_key");
      }
    }
    error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(options_.address, error), options_.port);
    if (error) return Malformed("listen_address", options_.address + " is no address");
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Fail(Reason::kUnavailable, "cannot listen on " + options_.address + " port " +
                                            std::to_string(options_.port) + ": " + error.message() +
                                            "; choose another listen_port, or stop what has it");
    }
    asio::co_spawn(acceptor_.get_executor(), Accept(), asio::detached);
    for (unsigned i = 0; i < options_.threads; ++i)
      threads_.emplace_back([this] { context_.run(); });
    return {};
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  size_t connections() const { return gate_.taken(); }

  bool Stop(Millis patience) {
    stopping_ = true;
    asio::dispatch(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
    });
    const auto end = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(empty_mutex_);
    while (gate_.taken() > 0 && std::chrono::steady_clock::now() < end) {
      // Those who have just been answered are waiting by now.
      gate_.CloseWaiting();
      empty_.wait_for(lock, std::chrono::milliseconds(50));
    }
    return gate_.taken() == 0;
  }

 private:
  asio::awaitable<void> Accept() {
    while (!stopping_) {
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(
          asio::make_strand(context_), asio::redirect_error(asio::use_awaitable, error));
      if (stopping_ || error == asio::error::operation_aborted) co_return;
      if (error) {
        // Out of descriptors or memory for now: breathe instead of spinning.
        asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(20));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      Admit(std::move(socket));
    }
  }

  void Admit(tcp::socket socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;
    const std::string peer = CanonicalAddress(remote.address().to_string());
    auto plain = std::make_shared<PlainStream>(std::move(socket));
    // The gate's closer must not keep a connection alive that has ended by itself.
    std::weak_ptr<PlainStream> weak = plain;
    auto leave = [weak, executor = plain->get_executor()] {
      asio::dispatch(executor, [weak] {
        if (auto stream = weak.lock()) beast::get_lowest_layer(*stream).cancel();
      });
    };
    const std::string source = options_.is_proxy(peer) ? "" : SourceOf(peer);
    const auto seat = gate_.Enter(source, leave);
    if (!seat) return;  // the socket closes with `plain`
    asio::co_spawn(plain->get_executor(), Hold(plain, peer, *seat),
                   [this, seat](const std::exception_ptr&) {
                     gate_.Leave(*seat);
                     empty_.notify_all();
                   });
  }

  asio::awaitable<void> Hold(std::shared_ptr<PlainStream> plain, std::string peer,
                             Gate::Seat seat) {
    if (!tls_) {
      co_await Converse(*plain, peer, seat);
      error_code ignored;
      plain->socket().shutdown(tcp::socket::shutdown_send, ignored);
      co_return;
    }
    ssl::stream<PlainStream&> stream(*plain, *tls_);
    error_code error;
    plain->expires_after(options_.limits.read_timeout);
    co_await stream.async_handshake(ssl::stream_base::server,
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    co_await Converse(stream, peer, seat);
    plain->expires_after(std::chrono::seconds(2));
    co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
  }

  // One request after another, until somebody has had enough.
  template <typename Stream>
  asio::awaitable<void> Converse(Stream& stream, const std::string& peer, Gate::Seat seat) {
    beast::flat_buffer buffer(kMostHeaderBytes + kMostBodyBytes);
    for (unsigned count = 1; count <= options_.limits.requests_per_connection; ++count) {
      http::request_parser<http::string_body> parser;
      parser.header_limit(kMostHeaderBytes);
      parser.body_limit(kMostBodyBytes);
      // One deadline for all of the headers: a byte now and then does not lengthen it.
      beast::get_lowest_layer(stream).expires_after(count == 1 ? options_.limits.read_timeout
                                                               : options_.limits.idle_timeout);
      error_code error;
      co_await http::async_read_header(stream, buffer, parser,
                                       asio::redirect_error(asio::use_awaitable, error));
      if (!error && !parser.is_done()) {
        beast::get_lowest_layer(stream).expires_after(options_.limits.read_timeout);
        if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
          http::response<http::empty_body> go_on(http::status::continue_, 11);
          co_await http::async_write(stream, go_on,
                                     asio::redirect_error(asio::use_awaitable, error));
        }
        if (!error) {
          co_await http::async_read(stream, buffer, parser,
                                    asio::redirect_error(asio::use_awaitable, error));
        }
      }
      if (error) {
        if (const unsigned status = StatusOf(error); status != 0) {
          co_await Send(stream, handler_.Refuse(status), 11, false, false);
        }
        co_return;
      }
      gate_.Work(seat);
      const bool keep = co_await AnswerOne(stream, parser.get(), peer,
                                           count < options_.limits.requests_per_connection);
      if (!keep) co_return;
      gate_.Wait(seat);
    }
  }

  template <typename Stream>
  asio::awaitable<bool> AnswerOne(Stream& stream, WireRequest& wire, const std::string& peer,
                                  bool more_allowed) {
    const auto started = std::chrono::steady_clock::now();
    const unsigned version = wire.version();
    const bool head = wire.method() == http::verb::head;
    const bool keep = wire.keep_alive() && more_allowed && !stopping_;
    AccessLine line;
    line.method = head                                ? "HEAD"
                  : wire.method() == http::verb::get  ? "GET"
                  : wire.method() == http::verb::post ? "POST"
                                                      : "other";
    Request request = FromWire(wire, peer);
    line.path = std::string(request.path());
    beast::get_lowest_layer(stream).expires_never();  // the handler has its own deadline
    Response response = co_await Ask(handler_, std::move(request));
    line.status = response.status;
    const bool sent = co_await Send(stream, std::move(response), version, keep, head);
    line.took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - started);
    log_(line);
    co_return sent&& keep;
  }

  template <typename Stream>
  asio::awaitable<bool> Send(Stream& stream, Response response, unsigned version, bool keep,
                             bool head) {
    beast::get_lowest_layer(stream).expires_after(options_.limits.write_timeout);
    WireResponse wire = ToWire(std::move(response), version, keep, head);
    http::response_serializer<http::string_body> serializer(wire);
    error_code error;
    if (head) {
      co_await http::async_write_header(stream, serializer,
                                        asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await http::async_write(stream, serializer,
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error;
  }

  const ServerOptions options_;
  Handler& handler_;
  const std::function<void(const AccessLine&)> log_;
  std::atomic<bool> stopping_{false};
  std::mutex empty_mutex_;
  std::condition_variable empty_;
  std::optional<ssl::context> tls_;
  asio::io_context context_;
  Gate gate_;  // its closers hold executors of the context, so it ends first
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  tcp::acceptor acceptor_;
  std::vector<std::thread> threads_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler& handler,
                                              std::function<void(const AccessLine&)> log) {
  auto impl = std::make_unique<Impl>(std::move(options), handler, std::move(log));
  LATCHKEY_TRY(impl->Open());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

uint16_t Server::port() const { return impl_->port(); }
size_t Server::connections() const { return impl_->connections(); }
bool Server::Stop(Millis patience) { return impl_->Stop(patience); }

}  // namespace latchkey::portal
