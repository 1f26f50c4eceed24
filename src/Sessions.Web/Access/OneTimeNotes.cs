using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Sessions.Web.Access;

/// <summary>
/// Carries a secret from the answer to a form to the page that the answer redirects to, which shows it once. The form then
/// leaves no page behind that a reload would send again, and the server stores no secret: it travels in a cookie that only
/// gateways can read, for a minute, and only for the sign-in that made it.
/// </summary>
internal sealed class OneTimeNotes(IDataProtectionProvider protection, TimeProvider time)
{
    private const string Cookie = "sessions-note";
    private const string ProjectPages = "/project";

    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(1);

    private readonly IDataProtector _protector = protection.CreateProtector("Sessions.OneTimeNotes");

    /// <summary>Leaves a note for the next page.</summary>
    /// <param name="context">The request of the form.</param>
    /// <param name="about">What the note is about; the page asks for it.</param>
    /// <param name="text">The secret.</param>
    /// <param name="path">Where the page is that shows it.</param>
    public void Leave(HttpContext context, string about, string text, string path = ProjectPages)
    {
        string until = (time.GetUtcNow() + s_life).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string[] parts = [about, Reader(context), until, text];
        context.Response.Cookies.Append(Cookie, _protector.Protect(JsonSerializer.Serialize(parts)), Options(context, path, s_life));
    }

    /// <summary>
    /// Takes the note about something; null when there is none, or when it is another sign-in's. The answer that shows it
    /// is not compressed, so that its length tells nothing of the secret.
    /// </summary>
    public string? Take(HttpContext context, string about, string path = ProjectPages)
    {
        if (context.Request.Cookies[Cookie] is not { } sealedNote)
        {
            return null;
        }

        context.Response.Cookies.Append(Cookie, "", Options(context, path, TimeSpan.Zero));
        context.Request.Headers.AcceptEncoding = default;
        try
        {
            return JsonSerializer.Deserialize<string[]>(_protector.Unprotect(sealedNote)) is [var subject, var reader, var until, var text]
                && subject == about
                && reader == Reader(context)
                && long.Parse(until, CultureInfo.InvariantCulture) >= time.GetUtcNow().ToUnixTimeSeconds()
                ? text
                : null;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or JsonException or FormatException)
        {
            return null;
        }
    }

    private static string Reader(HttpContext context) => context.User.SignIn()?.ToString() ?? "";

    private static CookieOptions Options(HttpContext context, string path, TimeSpan life) => new()
    {
        Path = path,
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        MaxAge = life,
        IsEssential = true,
    };
}
