using Microsoft.AspNetCore.Http;
using Sessions.Capture.Body;
using Sessions.Capture.Parsing;
using Sessions.Client.Projects;

namespace Sessions.Capture.Sdk;

/// <summary>Answers the other requests of SDKs: their configuration, flags, and scripts.</summary>
internal sealed class SdkEndpoints(
    BodyBudget budget,
    BodyReader reader,
    ITokenDirectory tokens,
    UnknownTokens unknownTokens,
    ProjectCache<ReplaySettings> replaySettings,
    SdkScripts scripts,
    CaptureOptions options,
    TimeProvider time)
{
    /// <summary><c>/array/{token}/config</c></summary>
    public Task Config(HttpContext context) =>
        WithToken(context, async (token, project) =>
            await Text(context, "application/json", RemoteConfig.Json(token, await ReplayOf(project))));

    /// <summary><c>/array/{token}/config.js</c></summary>
    public Task ConfigScript(HttpContext context) =>
        WithToken(context, async (token, project) =>
            await Text(context, Asset.ScriptType, RemoteConfig.Script(token, await ReplayOf(project))));

    /// <summary><c>/array/{token}/array.js</c></summary>
    public Task ArrayScript(HttpContext context) => WithToken(context, (_, _) => scripts.Send(context, "array.js"));

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
        string project = await ProjectOf(token);
        DateTimeOffset now = time.GetUtcNow();
        await Text(
            context,
            "application/json",
            RemoteConfig.Flags(token, await ReplayOf(project), Guid.CreateVersion7(now), now));
    });

    private async ValueTask<ReplaySettings?> ReplayOf(string project)
    {
        try
        {
            return await replaySettings.Of(project);
        }
        catch (SessionsUnavailableException)
        {
            return null;
        }
    }

    private async Task<string> ReadToken(HttpRequest request)
    {
        using var share = new BodyShare(budget);
        using PooledBytes body = await reader.Read(request, share);
        return await unknownTokens.Try(
            () =>
            {
                TokenSearch.Require(body.Written, tokens);
                return BodyScanner.Scan(body.Written, options).Token ?? "";
            },
            body.Length);
    }

    private Task<string> ProjectOf(string token) => unknownTokens.Try(() => ProjectTokens.Check(token, tokens), held: 0);

    /// <summary>Answers a request whose path has a token.</summary>
    private Task WithToken(HttpContext context, Func<string, string, Task> send) => Answer(context, async () =>
    {
        string token = context.Request.RouteValues["token"] as string ?? "";
        await send(token, await ProjectOf(token));
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
            // The client has disconnected, so there is no one to answer.
        }
    }

    private static Task Text(HttpContext context, string contentType, string text)
    {
        context.Response.ContentType = contentType;

        // A project's settings take effect when the visitor loads the page again.
        context.Response.Headers.CacheControl = "no-cache";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
