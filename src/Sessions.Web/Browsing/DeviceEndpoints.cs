using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sessions.Database.Properties;
using Sessions.Domain.Events;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Browsing;

/// <summary>Reads and ends the live session of a user-device.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        api.MapPost("/devices/{key}/reset", ResetByPath).WithName("ResetDevice").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Ends the live session of a user-device (reason reset) and returns it.")
            .Answers<SessionRow>(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
        api.MapPost("/devices/reset", Reset).WithName("ResetDeviceByKey").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The same for a key that a path can't carry, such as a single dot.")
            .Answers<SessionRow>(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
        api.MapGet("/devices/{key}", GetByPath).WithName("GetDevice")
            .WithSummary("The live session of a user-device: the key is its device id, else its distinct id.")
            .Answers<SessionRow>(StatusCodes.Status404NotFound);
        api.MapGet("/devices", Get).WithName("GetDeviceByKey")
            .WithSummary("The same for a key that a path can't carry, such as a single dot.")
            .Answers<SessionRow>(StatusCodes.Status404NotFound);
    }

    private static Task<IResult> GetByPath(string key, HttpContext context, SessionCalls sessions, CancellationToken cancellation) =>
        Get(PathText.Part(context, partsAfter: 0), context, sessions, cancellation);

    private static Task<IResult> ResetByPath(
        string key, HttpContext context, SessionCalls sessions, Audit audit, CancellationToken cancellation) =>
        Reset(PathText.Part(context, partsAfter: 1), context, sessions, audit, cancellation);

    private static Task<IResult> Get(string? key, HttpContext context, SessionCalls sessions, CancellationToken cancellation) =>
        First(key, context, device => sessions.LiveSession(device, cancellation));

    private static Task<IResult> Reset(
        string? key, HttpContext context, SessionCalls sessions, Audit audit, CancellationToken cancellation) =>
        First(key, context, device => audit.Around(
            context.User,
            new Act(AuditActions.DeviceReset, Subject: null),
            () => sessions.Reset(device, cancellation),
            ended => ended is not null,
            ended => new() { ["session"] = ended?.SessionId }));

    /// <summary>
    /// Asks the device of the key as written. If it has no live session, asks the device of the key's stored form.
    /// </summary>
    private static async Task<IResult> First(string? key, HttpContext context, Func<UserDeviceKey, Task<Session?>> ask)
    {
        if (RequestedId.Of(key) is not { } asked)
        {
            return RequestErrors.Refusal(nameof(key), "must be a device id, or the distinct id of a device without one");
        }

        foreach (string name in asked.Forms)
        {
            if (await ask(UserDeviceKey.OfDevice(context.User.Project(), UserDeviceKey.DeviceOf(name))) is { } session)
            {
                return JsonAnswer.Of(SessionRow.From(session), SessionJsonContext.Default.SessionRow);
            }
        }

        return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The device has no live session.");
    }
}
