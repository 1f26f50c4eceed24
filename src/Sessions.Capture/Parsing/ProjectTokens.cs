using System.Text;

namespace Sessions.Capture.Parsing;

/// <summary>
/// Finds the project of a body. If the body as a whole has a token, this token decides, and tokens of its events are
/// ignored. Otherwise all events must have the same token.
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
    public static string FindProject(ScannedBody body, ITokenDirectory tokens)
    {
        if (body.Token is not null)
        {
            return Check(body.Token, tokens);
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

        return Check(token, tokens);
    }

    /// <summary>A token without white space around it, which copying often adds; null when nothing is left.</summary>
    public static string? Trim(string? sent) => sent?.Trim() is { Length: > 0 } token ? token : null;

    /// <exception cref="CaptureRefusedException">
    /// The token is missing, malformed or unknown: 401. Or the tokens are not loaded yet: 503.
    /// </exception>
    public static string Check(string? token, ITokenDirectory tokens)
    {
        token = Trim(token);
        if (token is null)
        {
            throw Unauthorized("The body has no project token. Set 'api_key' or 'token'.");
        }

        if (token.StartsWith(PersonalKeyPrefix, StringComparison.Ordinal))
        {
            throw Unauthorized("The token is a personal API key. Use the project token.");
        }

        const string Unknown = "The project token is unknown.";
        return Know(token, tokens)
            ?? throw (IsToken(token) ? new CaptureRefusedException(CaptureRefusal.UnknownToken(Unknown, [token])) : Unauthorized(Unknown));
    }

    /// <summary>The project with this token; null when the token is malformed or unknown.</summary>
    /// <exception cref="CaptureRefusedException">The tokens are not loaded yet: 503.</exception>
    public static string? Know(string token, ITokenDirectory tokens) =>
        token.Length <= MaxLength && Ascii.IsValid(token) ? Find(token, tokens) : null;

    private static string? Find(string token, ITokenDirectory tokens)
    {
        try
        {
            return tokens.FindByToken(token);
        }
        catch (SessionsUnavailableException)
        {
            // The gateway has not loaded the tokens yet, so this one may be valid.
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }

    /// <summary>The refusal of a request without a valid token.</summary>
    public static CaptureRefusedException Unauthorized(string detail) => new(CaptureRefusal.Unauthorized(detail));
}
