using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Sessions.Gateway.Access;

/// <summary>How the cookie of people who signed in behaves.</summary>
internal sealed class SignInCookie(IOptions<AccessOptions> access, TimeProvider time) : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    public void Configure(CookieAuthenticationOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        if (name != AccessSchemes.Cookie)
        {
            return;
        }

        options.Cookie.Name = "sessions";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Cookie.IsEssential = true;
        options.LoginPath = "/signin";
        options.LogoutPath = "/signout";
        options.AccessDeniedPath = "/admins-only";
        options.ReturnUrlParameter = "to";
        options.ExpireTimeSpan = access.Value.SignInLifetime;
        options.SlidingExpiration = true;
        options.TimeProvider = time;
        options.Events.OnValidatePrincipal = RefuseReplacedKeys;
    }

    /// <summary>Who signed in with a key that is no longer let in, or no longer as what it was, is signed out.</summary>
    private static async Task RefuseReplacedKeys(CookieValidatePrincipalContext context)
    {
        ProjectDirectory projects = context.HttpContext.RequestServices.GetRequiredService<ProjectDirectory>();
        if (context.Principal?.Key() is not { } key || !projects.IsLetIn(key))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(AccessSchemes.Cookie);
        }
    }
}
