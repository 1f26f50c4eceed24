using Microsoft.Playwright;

namespace Sessions.SystemTests.Browser;

/// <summary>The sign-in page in a real browser.</summary>
internal static class SignInPage
{
    /// <summary>Types the key and signs in.</summary>
    public static async Task SignIn(this IPage page, Uri gateway, string key)
    {
        await page.GotoAsync(new Uri(gateway, "/signin").ToString());
        await page.GetByLabel("API key").FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        // The cookie is there when the redirect is; what the first page loads does not matter. Playwright would wait in vain for the
        // commit of a page that is there before the wait begins.
        await page.WaitForURLAsync(
            url => new Uri(url).AbsolutePath != "/signin", new PageWaitForURLOptions { WaitUntil = WaitUntilState.DOMContentLoaded });
    }
}
