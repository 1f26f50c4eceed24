using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Serialization;
using Sessions.Database;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web;

/// <summary>
/// Answers 503 with <c>Retry-After</c> when Postgres or the grains are unavailable. Neither the caller nor the program
/// has made an error.
/// </summary>
internal sealed partial class UnavailableAnswer(IOptions<ApiOptions> options, ILogger<UnavailableAnswer> log) : IExceptionHandler
{
    private static readonly string[] s_ofTheWorld = ["Npgsql.Npgsql", "System.TimeoutException", "System.Net.Sockets.SocketException"];

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsUnavailable(exception))
        {
            return false;
        }

        // The path itself may contain a person's id.
        string? route = (httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText;
        LogUnavailable(exception, httpContext.Request.Method, route);
        httpContext.Response.Headers.RetryAfter =
            ((int)Math.Ceiling(options.Value.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (PageTroubles.IsOfPage(httpContext.Request))
        {
            PageAnswers.Protect(httpContext);
            await PageAnswers.Trouble(
                StatusCodes.Status503ServiceUnavailable,
                "The gateway can't answer this now.",
                "The database or the cluster is unavailable. Try again in a moment.",
                httpContext.Request.Path,
                "Try again").ExecuteAsync(httpContext);
            return true;
        }

        await TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            title: "The gateway can't answer this now.",
            detail: "The database or the cluster is unavailable. Try again in a moment.").ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>Whether an outage caused the exception, not the caller or the program.</summary>
    internal static bool IsUnavailable(Exception exception) => exception switch
    {
        SessionsUnavailableException or TimeoutException => true,
        NpgsqlException => PostgresAway.MayPass(exception),
        SocketException => true,
        // There is no silo, the silo has just stopped, or the client is not connected.
        OrleansException or ClientNotAvailableException => true,
        // A silo has given the call up. A caller who has left is dealt with before this is asked.
        OperationCanceledException => true,
        // A silo's exception that could not be serialized: only the name of its type arrives.
        UnavailableExceptionFallbackException { ExceptionType: { } type } => s_ofTheWorld.Any(name => type.StartsWith(name, StringComparison.Ordinal)),
        AggregateException several => several.InnerExceptions.All(IsUnavailable),
        _ => false,
    };

    [LoggerMessage(4001, LogLevel.Warning, "{Method} {Route} could not be answered now. The caller got 503 and may try again. Check that Postgres and the "
        + "silos run.")]
    private partial void LogUnavailable(Exception failure, string method, string? route);
}
