using System.Text;

namespace Sessions.Gateway.Capture.Parsing;

/// <summary>
/// Which project a body is for. A token on the whole body decides alone: what its events have of that name is not looked
/// at. Without one all the events' tokens are the same one.
/// </summary>
internal static class ProjectTokens
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 64;

    private const string PersonalKeyPrefix = "phx_";

    /// <summary>Whether a text can be a project's token.</summary>
    public static bool IsToken(string text) =>
        text.Length is > 0 and <= MaxLength
        && text.All(c => c is > ' ' and <= '~')
        && !text.StartsWith(PersonalKeyPrefix, StringComparison.Ordinal);

    /// <exception cref="CaptureRefusedException">There is no token, more than one, or an unknown one: 401.</exception>
    public static string FindProject(ScannedBody body, FindProject find)
    {
        if (body.Token is not null)
        {
            return Check(body.Token, find);
        }

        string? token = null;
        foreach (ScannedEvent found in body.Events)
        {
            if ((found.Token ?? found.Properties.Token) is not { } named || named == token)
            {
                continue;
            }

            if (token is not null)
            {
                throw Unauthorized("The body's events have two different project tokens.");
            }

            token = named;
        }

        return Check(token, find);
    }

    /// <summary>A token without the white space that came with it when it was copied; null when nothing is left.</summary>
    public static string? Trim(string? sent) => sent?.Trim() is { Length: > 0 } token ? token : null;

    /// <exception cref="CaptureRefusedException">It is none, malformed or unknown: 401. Or nobody can tell: 503.</exception>
    public static string Check(string? token, FindProject find)
    {
        token = Trim(token);
        if (token is null)
        {
            throw Unauthorized("The body has no project token: set 'api_key' or 'token'.");
        }

        if (token.StartsWith(PersonalKeyPrefix, StringComparison.Ordinal))
        {
            throw Unauthorized("That is a personal API key; use the project token.");
        }

        if (token.Length > MaxLength || !Ascii.IsValid(token) || Find(token, find) is not string project)
        {
            throw Unauthorized("The project token is unknown.");
        }

        return project;
    }

    private static string? Find(string token, FindProject find)
    {
        try
        {
            return find(token);
        }
        catch (SessionsUnavailableException)
        {
            // Nobody knows the tokens yet; the sender's may be right.
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }

    private static CaptureRefusedException Unauthorized(string detail) => new(CaptureRefusal.Unauthorized(detail));
}
