using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Access;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Reading and ending the live session of a user-device.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        api.MapPost("/devices/{key}/reset", Reset).WithName("ResetDevice").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Ends the live session of a user-device (reason reset) and returns it.")
            .Answers("Session", StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
        api.MapGet("/devices/{key}", Get).WithName("GetDevice")
            .WithSummary("The live session of a user-device: the key is its device id, else its distinct id.")
            .Answers("Session", StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> Get(string key, HttpContext context, SessionCalls sessions, CancellationToken cancellation) =>
        Answer(await sessions.LiveSession(Device(context), cancellation));

    private static async Task<IResult> Reset(string key, HttpContext context, SessionCalls sessions, CancellationToken cancellation) =>
        Answer(await sessions.Reset(Device(context), cancellation));

    private static UserDeviceKey Device(HttpContext context) => UserDeviceKey.Create(context.User.Project(), Name(context));

    /// <summary>The device's name as the caller encoded it: the route's own value leaves a slash encoded, and nothing else.</summary>
    private static string Name(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string path = target.Split('?', 2)[0].TrimEnd('/');
        string[] parts = path.Split('/');
        return Uri.UnescapeDataString(HttpMethods.IsPost(context.Request.Method) ? parts[^2] : parts[^1]);
    }

    private static IResult Answer(Session? session) => session is null
        ? TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The device has no live session.")
        : new JsonAnswer(json => SessionJson.Write(json, SessionRow.From(session)));
}
