using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Gateway.Pages;

namespace Sessions.Gateway.Api;

/// <summary>Answers 503 with <c>Retry-After</c> when Postgres or the grains are away: no fault of the caller or of ours.</summary>
internal sealed class UnavailableAnswer(IOptions<ApiOptions> options, ILogger<UnavailableAnswer> log) : IExceptionHandler
{
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
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => true,
        PostgresException refused => refused.IsTransient,
        NpgsqlException => true,
        // No silo to talk to, one that just went, or a client that is not connected.
        OrleansException or ClientNotAvailableException => true,
        _ => false,
    };
}
