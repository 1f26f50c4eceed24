using System.Globalization;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Sessions.Web.Access;

/// <summary>
/// Authenticates requests with <c>Authorization: Bearer API_KEY</c>; all others get 401 as problem+json, or 429 when their
/// address sent too many wrong keys. With the operator's key, <c>X-Project</c> chooses the project.
/// </summary>
internal sealed class ApiKeyHandler(
    KeyCheck keys, ProjectDirectory projects, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    private const string Bearer = "Bearer ";

    /// <summary>The header in which the operator names the project; the default project without it.</summary>
    public const string ProjectHeader = "X-Project";

    private TimeSpan _retryAfter;
    private bool _isUnknownProject;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        CheckedKey key = await keys.Check(header[Bearer.Length..].Trim(), Request);
        _retryAfter = key.RetryAfter;
        if (key.Key is { Role: KeyRoles.Operator } operators && Request.Headers.TryGetValue(ProjectHeader, out StringValues chosen))
        {
            key = key with { Key = operators with { Project = chosen.ToString() } };
        }

        if (key.Key is { Role: KeyRoles.Operator } asked && !await projects.ExistsAnywhere(asked.Project))
        {
            _isUnknownProject = true;
            return AuthenticateResult.NoResult();
        }

        // A wrong key gives no result instead of a failure. Failures are logged, so any client could fill the logs.
        return key.Key is { } known
            ? AuthenticateResult.Success(new AuthenticationTicket(Caller.Create(known, Scheme.Name), Scheme.Name))
            : AuthenticateResult.NoResult();
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_retryAfter > TimeSpan.Zero)
        {
            Response.Headers.RetryAfter = Math.Ceiling(_retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return TypedResults.Problem(
                statusCode: StatusCodes.Status429TooManyRequests,
                title: "Too many wrong API keys came from your address.",
                detail: "Send the right key after the time in Retry-After.").ExecuteAsync(Context);
        }

        if (_isUnknownProject)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound,
                title: "There is no such project.",
                detail: $"The header {ProjectHeader} must be the id of a project.",
                extensions: new Dictionary<string, object?> { ["field"] = ProjectHeader }).ExecuteAsync(Context);
        }

        Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status401Unauthorized,
            title: "The API key is missing or unknown.",
            detail: "Send the header Authorization: Bearer API_KEY with the key of your project.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Context.User.IsAdmin()
        ? TypedResults.Problem(
            statusCode: StatusCodes.Status403Forbidden,
            title: "Only the operator may do this.",
            detail: "Use the operator's key, which ./run prints.").ExecuteAsync(Context)
        : TypedResults.Problem(
            statusCode: StatusCodes.Status403Forbidden,
            title: "This key may only read.",
            detail: "Use a key with the role admin.").ExecuteAsync(Context);
}
