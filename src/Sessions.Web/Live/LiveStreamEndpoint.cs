using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Live;

/// <summary>Streams the changes of live sessions as Server-Sent Events.</summary>
internal static class LiveStreamEndpoint
{
    public static void MapLiveStream(this IEndpointRouteBuilder api) =>
        api.MapGet("/live/stream", Stream).WithName("StreamLive")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary(
                "The changes of live sessions from now on, as Server-Sent Events: session_started, session_updated (at most "
                + "one a second a session) and session_ended, each with the session as data. Read /api/live after it is open.");

    private static async Task<IResult> Stream(
        HttpContext context,
        LiveHub hub,
        ProjectDirectory projects,
        IOptions<LiveStreamOptions> options,
        IOptions<ApiOptions> api,
        IHostApplicationLifetime lifetime,
        TimeProvider time)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using LiveWatch? watch = await hub.Watch(context.User.Project(), ending.Token);
        if (watch is null)
        {
            context.Response.Headers.RetryAfter =
                ((int)Math.Ceiling(api.Value.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "The gateway has reached its limit of streams.");
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await context.Response.Body.WriteAsync("retry: 2000\n: open\n\n"u8.ToArray(), ending.Token);
            await context.Response.Body.FlushAsync(ending.Token);
            Task<bool> next = watch.Messages.WaitToReadAsync(ending.Token).AsTask();
            while (projects.IsLetIn(context.User.Key()!))
            {
                if (!await IsSoon(next, options.Value.Heartbeat, time, ending.Token))
                {
                    await context.Response.Body.WriteAsync(": here\n\n"u8.ToArray(), ending.Token);
                }
                else if (await next)
                {
                    while (watch.Messages.TryRead(out byte[]? message))
                    {
                        await context.Response.Body.WriteAsync(message, ending.Token);
                    }

                    next = watch.Messages.WaitToReadAsync(ending.Token).AsTask();
                }
                else
                {
                    break;
                }

                await context.Response.Body.FlushAsync(ending.Token);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The client has disconnected, or the gateway is stopping.
        }

        return TypedResults.Empty;
    }

    /// <summary>Whether a task completes before the next keep-alive comment is due.</summary>
    private static async Task<bool> IsSoon(Task task, TimeSpan heartbeat, TimeProvider time, CancellationToken ending)
    {
        try
        {
            await task.WaitAsync(heartbeat, time, ending);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
