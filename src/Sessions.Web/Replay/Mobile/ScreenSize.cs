using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>Finds the size of a screen in a full snapshot, for recordings that do not say it.</summary>
internal static class ScreenSize
{
    // No screen has as many pixels; a list that is scrolled may have more.
    private const double MaxPixels = 10_000;

    /// <summary>The snapshot's own size, else that of its widest wireframe; zero without both.</summary>
    public static (double Width, double Height) Of(JsonElement data) =>
        data.Get("width"u8).Length() is > 0 and var width && data.Get("height"u8).Length() is > 0 and var height
            ? (width, height)
            : Widest(data.Get("wireframes"u8), isDeep: true);

    /// <summary>The size of the widest wireframe, of the highest of those; zero when none has a size.</summary>
    /// <param name="roots">A wireframe, or an array of them.</param>
    /// <param name="isDeep">Whether those inside count too.</param>
    public static (double Width, double Height) Widest(JsonElement roots, bool isDeep = false)
    {
        (double Width, double Height) widest = default;
        var left = new Stack<JsonElement>([roots]);
        while (left.TryPop(out JsonElement one))
        {
            if (one.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in one.EnumerateArray())
                {
                    left.Push(item);
                }

                continue;
            }

            (double Width, double Height) size = (one.Get("width"u8).Length() ?? 0, one.Get("height"u8).Length() ?? 0);
            widest = size is { Width: > 0 and < MaxPixels, Height: > 0 and < MaxPixels } && size.CompareTo(widest) > 0 ? size : widest;
            if (isDeep && one.Get("childWireframes"u8) is { ValueKind: JsonValueKind.Array } children)
            {
                left.Push(children);
            }
        }

        return widest;
    }
}
