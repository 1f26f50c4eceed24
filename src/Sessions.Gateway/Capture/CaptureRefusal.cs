using Microsoft.AspNetCore.Http;

namespace Sessions.Gateway.Capture;

/// <summary>Why nothing of a request was taken. The detail is for the developer who sent it.</summary>
internal sealed record CaptureRefusal(int Status, string Detail)
{
    public static CaptureRefusal Malformed(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static CaptureRefusal Unauthorized(string detail) => new(StatusCodes.Status401Unauthorized, detail);

    public static CaptureRefusal TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, detail);

    public static CaptureRefusal Overloaded() =>
        new(StatusCodes.Status503ServiceUnavailable, "The gateway has too much in hand; send this again later.");

    // Not 408: SDKs drop what got that.
    public static CaptureRefusal TooSlow() =>
        new(StatusCodes.Status503ServiceUnavailable, "The body came too slowly; send this again later.");

    public static CaptureRefusal Unavailable() =>
        new(StatusCodes.Status503ServiceUnavailable, "The events can't be made durable now; send this again later.");
}

/// <summary>Ends the reading of a body with a refusal. Reading has many places that can refuse, and one that answers.</summary>
internal sealed class CaptureRefusedException(CaptureRefusal refusal) : Exception(refusal.Detail)
{
    public CaptureRefusal Refusal { get; } = refusal;
}
