using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Sessions.Gateway.Access;

/// <summary>Lets in who sends <c>Authorization: Bearer API_KEY</c>; anybody else gets 401 as problem+json.</summary>
internal sealed class ApiKeyHandler(
    ProjectDirectory projects, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        string key = header[Bearer.Length..].Trim();
        // A wrong key is no result rather than a failure, which would be logged: anybody could fill the logs so.
        return Task.FromResult(projects.FindByApiKey(key) is { } known
            ? AuthenticateResult.Success(new AuthenticationTicket(Caller.Create(known, Scheme.Name), Scheme.Name))
            : AuthenticateResult.NoResult());
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status401Unauthorized,
            title: "The API key is missing or not known.",
            detail: "Send the header Authorization: Bearer API_KEY with the key of your project.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => TypedResults.Problem(
        statusCode: StatusCodes.Status403Forbidden,
        title: "This key may only read.",
        detail: "Use a key with the role admin.").ExecuteAsync(Context);
}
