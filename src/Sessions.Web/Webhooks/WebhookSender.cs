using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using Sessions.Domain.Webhooks;
using Sessions.Queries.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>The result of an attempt.</summary>
/// <param name="Status">The endpoint's status code; null when it did not answer.</param>
/// <param name="Error">The fault, without personal data; null when the endpoint accepted the delivery.</param>
/// <param name="RequestedPause">
/// The pause that the endpoint requested before the next attempt; null when it requested none.
/// </param>
internal sealed record AttemptOutcome(int? Status, string? Error, TimeSpan? RequestedPause = null)
{
    public bool IsTaken => Error is null;

    /// <summary>Whether the endpoint has asked to stop all deliveries.</summary>
    public bool IsGone => Status == (int)HttpStatusCode.Gone;

    /// <summary>What becomes of a delivery with this result of its attempt.</summary>
    public SettledDelivery Settle(ClaimedDelivery delivery, RetryRules retries)
    {
        TimeSpan? pause = IsTaken || IsGone ? null : retries.PauseAfter(delivery.Id, delivery.Attempt, RequestedPause);
        string state = IsTaken ? DeliveryStates.Delivered : pause is null ? DeliveryStates.Dead : DeliveryStates.Pending;
        return new SettledDelivery(delivery, state, pause ?? TimeSpan.Zero, Status, Error);
    }
}

/// <summary>
/// Sends deliveries, signed according to Standard Webhooks. It follows no redirects, uses no proxy, and connects only
/// to addresses that it has checked itself, so that no host name can lead it to a forbidden address.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private const string UserAgent = "Orleans.Sessions";

    // The DNS entry of an endpoint may change.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);
    private const int MaxHeadersKilobytes = 32;

    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public WebhookSender(IOptions<WebhookOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // Our trace ids are not sent to third parties.
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = MaxHeadersKilobytes,
            ConnectCallback = Connect,
        });
    }

    /// <summary>Sends a delivery once.</summary>
    public async Task<AttemptOutcome> Send(ClaimedDelivery delivery)
    {
        using CancellationTokenSource patience = new(_options.Timeout, _time);
        try
        {
            using HttpRequestMessage request = RequestOf(delivery, _time.GetUtcNow());
            using HttpResponseMessage answer = await _http.SendAsync(request, patience.Token);
            int status = (int)answer.StatusCode;
            return answer.IsSuccessStatusCode
                ? new AttemptOutcome(status, null)
                : new AttemptOutcome(status, $"it answered {status}", RequestedPauseOf(answer.Headers.RetryAfter));
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException or UriFormatException or FormatException)
        {
            return new AttemptOutcome(null, ErrorOf(failure));
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage RequestOf(ClaimedDelivery delivery, DateTimeOffset now)
    {
        byte[] body = Encoding.UTF8.GetBytes(delivery.Payload);
        string id = delivery.Id.ToString();
        long timestamp = now.ToUnixTimeSeconds();
        HttpRequestMessage request = new(HttpMethod.Post, delivery.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSignature.Sign(delivery.Secrets, id, timestamp, body));
        return request;
    }

    private TimeSpan? RequestedPauseOf(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } pause } => pause,
        { Date: { } at } => at - _time.GetUtcNow(),
        _ => null,
    };

    private string ErrorOf(Exception failure) => failure switch
    {
        OperationCanceledException => string.Create(CultureInfo.InvariantCulture, $"it did not answer within {_options.Timeout.TotalSeconds:0.###} s"),
        HttpRequestException { InnerException: PrivateTargetException } => "its address is not one of the public internet",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its host name is unknown",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "the TLS connection failed",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "the connection failed",
        FormatException => "its address or secret is malformed",
        _ => "the connection broke",
    };

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        }
        catch (SocketException unknown)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, unknown.Message, unknown);
        }

        IPAddress[] allowed = _options.AllowPrivateTargets ? addresses : [.. addresses.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
        {
            throw new PrivateTargetException();
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class PrivateTargetException : IOException;
}
