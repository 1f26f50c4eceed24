using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sessions.Capture;

namespace Sessions.Web.Api;

/// <summary>
/// Answers 503 while the gateway still looks for its cluster. It listens already, so that monitoring sees a process
/// that lives but is not ready, and SDKs send their events again.
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
                title: "The gateway is starting.",
                detail: "It is connecting to its cluster. Try again in a moment.").ExecuteAsync(context);
        });
    }
}
