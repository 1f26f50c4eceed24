using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sessions.Queries.SignIns;
using Sessions.Web.Access;

namespace Sessions.Web.SignIn;

/// <summary>Configures the cookie of people who signed in.</summary>
internal sealed class SignInCookie(IOptions<AccessOptions> access, TimeProvider time) : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    public void Configure(CookieAuthenticationOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        if (name != AccessSchemes.Cookie)
        {
            return;
        }

        bool isPublic = access.Value.PublicAddress?.Scheme == Uri.UriSchemeHttps;
        // With this prefix, browsers take the cookie only over TLS and send it to this host alone.
        options.Cookie.Name = isPublic ? "__Host-sessions" : "sessions";
        options.Cookie.Path = "/";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = isPublic ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        options.Cookie.IsEssential = true;
        options.LoginPath = "/signin";
        options.LogoutPath = "/signout";
        options.AccessDeniedPath = "/admins-only";
        options.ReturnUrlParameter = "to";
        options.ExpireTimeSpan = access.Value.SignInLifetime;
        options.SlidingExpiration = true;
        options.TimeProvider = time;
        options.Events.OnValidatePrincipal = RefuseEnded;
        options.Events.OnRedirectToLogin = Redirect;
        options.Events.OnRedirectToAccessDenied = Redirect;
    }

    /// <summary>Redirects to the path alone: the host of the address would be what the request claims.</summary>
    private static Task Redirect(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.Redirect(new Uri(context.RedirectUri).PathAndQuery);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Signs people out who have signed out, here or at another gateway, whose sign-in has expired, or whose key is not
    /// valid any more or has another role.
    /// </summary>
    private static async Task RefuseEnded(CookieValidatePrincipalContext context)
    {
        IServiceProvider services = context.HttpContext.RequestServices;
        ProjectDirectory projects = services.GetRequiredService<ProjectDirectory>();
        if (context.Principal?.Key() is { } key
            && context.Principal.SignIn() is { } signIn
            && await services.GetRequiredService<SignInQueries>().IsOpen(signIn, context.HttpContext.RequestAborted)
            && await IsLetIn(projects, key, context.HttpContext.RequestAborted))
        {
            if (key.Owner is null && !projects.Exists(key.Project))
            {
                // The operator had opened a project that is deleted now.
                context.ReplacePrincipal(Caller.Create(key with { Project = projects.First }, signIn));
                context.ShouldRenew = true;
            }

            services.GetRequiredService<KeyCheck>().Use(key);
        }
        else
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(AccessSchemes.Cookie);
        }
    }

    /// <summary>
    /// Whether the key of an open sign-in is valid. One that this gateway does not know may have been made at another gateway a
    /// moment ago.
    /// </summary>
    private static async ValueTask<bool> IsLetIn(ProjectDirectory projects, PresentedKey key, CancellationToken cancellation)
    {
        if (projects.IsKey(key))
        {
            return true;
        }

        await projects.Reread(cancellation);
        return projects.IsKey(key);
    }
}
