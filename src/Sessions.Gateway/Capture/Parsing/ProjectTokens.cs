using System.Text;

namespace Sessions.Gateway.Capture.Parsing;

/// <summary>Which project a body is for: all its tokens are the same one.</summary>
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
        string? token = body.Token;
        foreach (ScannedEvent found in body.Events)
        {
            // In an envelope with a token a property of that name is the customer's own, a password reset's perhaps.
            string? named = found.Token ?? (body.Token is null ? found.Properties.Token : null);
            if (named is null || named == token)
            {
                continue;
            }

            if (token is not null)
            {
                throw Unauthorized("The body has two different project tokens.");
            }

            token = named;
        }

        return Check(token, find);
    }

    /// <exception cref="CaptureRefusedException">It is none, malformed or unknown: 401. Or nobody can tell: 503.</exception>
    public static string Check(string? token, FindProject find)
    {
        if (string.IsNullOrEmpty(token))
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
