using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Serialization;
using Sessions.Gateway.Pages;

namespace Sessions.Gateway.Api;

/// <summary>Answers 503 with <c>Retry-After</c> when Postgres or the grains are away: no fault of the caller or of ours.</summary>
internal sealed class UnavailableAnswer(IOptions<ApiOptions> options, ILogger<UnavailableAnswer> log) : IExceptionHandler
{
    private static readonly string[] s_ofTheWorld = ["Npgsql.Npgsql", "System.TimeoutException", "System.Net.Sockets.SocketException"];

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsUnavailable(exception))
        {
            return false;
        }

        // The path itself may hold a person's id.
        string? route = (httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText;
        log.LogWarning(exception, "{Method} {Route} could not be answered now.", httpContext.Request.Method, route);
        httpContext.Response.Headers.RetryAfter =
            ((int)Math.Ceiling(options.Value.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (!httpContext.Request.Path.StartsWithSegments("/api") && httpContext.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            await PageAnswers.Trouble(
                StatusCodes.Status503ServiceUnavailable,
                "This can't be answered now.",
                "The database or the cluster is away. Trying again in a moment is safe.",
                httpContext.Request.Path,
                "Try again").ExecuteAsync(httpContext);
            return true;
        }

        await TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            title: "This can't be answered now.",
            detail: "The database or the cluster is away; trying again in a moment is safe.").ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>Whether the world failed, and not the caller or the program.</summary>
    internal static bool IsUnavailable(Exception exception) => exception switch
    {
        SessionsUnavailableException or TimeoutException => true,
        PostgresException refused => !IsOfTheStatement(refused.SqlState),
        NpgsqlException or SocketException => true,
        // No silo to talk to, one that just went, or a client that is not connected.
        OrleansException or ClientNotAvailableException => true,
        // A failure of a silo that could not be written for the way here: it keeps the name of its type alone.
        UnavailableExceptionFallbackException { ExceptionType: { } type } => s_ofTheWorld.Any(name => type.StartsWith(name, StringComparison.Ordinal)),
        AggregateException several => several.InnerExceptions.All(IsUnavailable),
        _ => false,
    };

    /// <summary>
    /// Whether Postgres refuses the statement itself or what is in it, as it would at any other time. Everything else is
    /// how the server is now: going away, out of connections or memory, another's locks, a plan that is out of date.
    /// </summary>
    private static bool IsOfTheStatement(string state) =>
        state.Length < 2 || state[..2] is "21" or "22" or "23" or "42" or "54" or "P0" or "XX";
}
