using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Capture;

namespace Sessions.Gateway.Api;

/// <summary>
/// Answers 503 while a gateway still looks for its cluster, for it listens before it has found one: who watches it sees a
/// process that lives and is not ready, and SDKs send again.
/// </summary>
internal static class NotStartedYet
{
    public static void UseNotStartedYet(this WebApplication app, PathString live)
    {
        CancellationToken started = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted;
        int retryAfter = (int)Math.Ceiling(app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.RetryAfter.TotalSeconds);
        app.Use((context, next) =>
        {
            if (started.IsCancellationRequested || context.Request.Path == live)
            {
                return next(context);
            }

            Cors.Allow(context);
            context.Response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "This gateway has just begun.",
                detail: "It looks for its cluster; trying again in a moment is safe.").ExecuteAsync(context);
        });
    }
}
