using Microsoft.AspNetCore.Http;
using Sessions.Gateway.Capture.Body;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Sdk;

/// <summary>Answers what SDKs ask beside sending events: their configuration, flags, and scripts.</summary>
internal sealed class SdkEndpoints(
    BodyBudget budget, BodyReader reader, FindProject findProject, SdkScripts scripts, CaptureOptions options, TimeProvider time)
{
    /// <summary><c>/array/{token}/config</c></summary>
    public Task Config(HttpContext context) =>
        WithToken(context, token => Text(context, "application/json", RemoteConfig.Json(token)));

    /// <summary><c>/array/{token}/config.js</c></summary>
    public Task ConfigScript(HttpContext context) =>
        WithToken(context, token => Text(context, SdkScripts.ContentType, RemoteConfig.Script(token)));

    /// <summary><c>/array/{token}/array.js</c></summary>
    public Task ArrayScript(HttpContext context) => WithToken(context, _ => scripts.Send(context, "array.js"));

    /// <summary><c>/static/{file}</c> and <c>/static/{version}/{file}</c></summary>
    public Task Script(HttpContext context)
    {
        Cors.Allow(context);
        return scripts.Send(context, context.Request.RouteValues["file"] as string ?? "");
    }

    /// <summary><c>/flags/</c> and <c>/decide/</c></summary>
    public Task Flags(HttpContext context) => Answer(context, async () =>
    {
        string token = await ReadToken(context.Request);
        DateTimeOffset now = time.GetUtcNow();
        await Text(context, "application/json", RemoteConfig.Flags(token, Guid.CreateVersion7(now), now));
    });

    private async Task<string> ReadToken(HttpRequest request)
    {
        using var share = new BodyShare(budget);
        using PooledBytes body = await reader.Read(request, share);
        string? token = BodyScanner.Scan(body.Written, options).Token;
        ProjectTokens.Check(token, findProject);
        return token!;
    }

    private Task WithToken(HttpContext context, Func<string, Task> send) => Answer(context, () =>
    {
        string token = context.Request.RouteValues["token"] as string ?? "";
        ProjectTokens.Check(token, findProject);
        return send(token);
    });

    private async Task Answer(HttpContext context, Func<Task> send)
    {
        Cors.Allow(context);
        try
        {
            await send();
        }
        catch (CaptureRefusedException refused)
        {
            await CaptureAnswer.Refuse(context, refused.Refusal, [], options.RetryAfter);
        }
        catch (BadHttpRequestException broken)
        {
            var refusal = new CaptureRefusal(broken.StatusCode, "The request's body could not be read.");
            await CaptureAnswer.Refuse(context, refusal, [], options.RetryAfter);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException
            && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
    }

    private static Task Text(HttpContext context, string contentType, string text)
    {
        context.Response.ContentType = contentType;

        // A project's settings take effect when the page is loaded again.
        context.Response.Headers.CacheControl = "no-cache";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
