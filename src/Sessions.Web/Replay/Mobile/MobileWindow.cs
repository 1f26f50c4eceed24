using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>One window of a mobile recording: its screen so far, and what its events become.</summary>
/// <param name="room">How many wireframes the windows of a replay may have together.</param>
/// <param name="size">The size of the window, if the recording has said it.</param>
internal sealed class MobileWindow(WireframeRoom room, ViewportSize? size)
{
    private const int MouseMove = 1;
    private const int MouseInteraction = 2;
    private const int Resize = 4;
    private const int TouchMove = 6;
    private const int MaxPositions = 1000;

    private readonly WireframeTree _tree = new(room);
    private (double Width, double Height) _size = (size?.Width ?? 0, size?.Height ?? 0);
    private double? _keyboard;
    private bool _showsKeyboard;

    /// <summary>Whether its last full snapshot was made of wireframes.</summary>
    public bool IsMobile { get; private set; }

    /// <summary>The size of its screen; zero as long as it is not known.</summary>
    public ViewportSize Size => new(_size.Width, _size.Height);

    /// <summary>Keeps a size that the recording names.</summary>
    public void Sized(JsonElement data)
    {
        var said = new ViewportSize(data.Get("width"u8).Number() ?? 0, data.Get("height"u8).Number() ?? 0);
        if (said.IsShown)
        {
            _size = (said.Width, said.Height);
        }
    }

    /// <summary>A full snapshot of a web page has come, in a window that may have had wireframes before.</summary>
    public void BecomeWeb()
    {
        _tree.Clear();
        _keyboard = null;
        _showsKeyboard = false;
        IsMobile = false;
    }

    /// <summary>
    /// Turns a full snapshot into a document, with a Meta event before it if the screen has no size yet or was turned.
    /// </summary>
    public void Full(JsonElement data, JsonElement time, MobileEvents output)
    {
        IsMobile = false;
        _tree.Clear();
        foreach (JsonElement wireframe in data.Get("wireframes"u8).Items())
        {
            _tree.Place(wireframe, default);
        }

        if (_size.Width == 0)
        {
            Resized(ScreenSize.Of(data), time, output);
        }
        else
        {
            Turn(data.Get("wireframes"u8), time, output);
        }

        _showsKeyboard = _keyboard is not null;
        output.Add(2, time, json =>
        {
            MobileDocument.Write(json, _tree.Body, _showsKeyboard ? Keyboard() : null);
            json.WriteStartObject("initialOffset"u8);
            json.WriteNumber("top"u8, 0);
            json.WriteNumber("left"u8, 0);
            json.WriteEndObject();
        });
        _tree.End();
        IsMobile = true;
    }

    /// <summary>Turns an incremental snapshot. What players can't show is left out.</summary>
    public void Incremental(JsonElement data, JsonElement time, MobileEvents output)
    {
        if (!IsMobile)
        {
            // Without a screen there is nothing to change.
            return;
        }

        switch ((int)(data.Get("source"u8).Number() ?? -1))
        {
            case 0:
                Mutate(data, time, output);
                break;
            case MouseMove:
            case TouchMove:
                Move(data.Get("positions"u8), time, output);
                break;
            case MouseInteraction:
                Touch(data, time, output);
                break;
            case Resize when data.Get("width"u8).Length() is > 0 and var width && data.Get("height"u8).Length() is > 0 and var height:
                _size = (width, height);
                output.Add(3, time, json =>
                {
                    json.WriteNumber("source"u8, Resize);
                    json.WriteNumber("width"u8, width);
                    json.WriteNumber("height"u8, height);
                });
                break;
            default:
                break;
        }
    }

    /// <summary>Shows or hides the keyboard.</summary>
    public void Keyboard(JsonElement payload, JsonElement time, MobileEvents output)
    {
        _keyboard = payload.Get("open"u8).IsTrue() ? payload.Get("height"u8).Length() ?? 0 : null;
        if (!IsMobile || (_keyboard is null && !_showsKeyboard))
        {
            return;
        }

        bool hadOne = _showsKeyboard;
        _showsKeyboard = _keyboard is not null;
        output.AddMutation(
            time,
            removes =>
            {
                if (hadOne)
                {
                    MobileDocument.WriteRemoval(removes, WireframeIds.Keyboard, WireframeIds.Body);
                }
            },
            adds =>
            {
                if (_showsKeyboard)
                {
                    Keyboard().WriteAdds(adds, WireframeIds.Body, next: null);
                }
            });
    }

    private RrwebNode Keyboard() =>
        MobileDocument.Keyboard(_keyboard is > 0 ? _keyboard.Value : Math.Round((_size.Height > 0 ? _size.Height : 720) * 0.4));

    private void Mutate(JsonElement data, JsonElement time, MobileEvents output)
    {
        foreach (JsonElement removal in data.Get("removes"u8).Items())
        {
            if (WireframeIds.Of(removal.ValueKind == JsonValueKind.Object ? removal.Get("id"u8) : removal) is { } id)
            {
                _tree.Remove(id);
            }
        }

        Place(data.Get("updates"u8), time, output);
        Place(data.Get("adds"u8), time, output);
        if (_tree.Removed.Count > 0 || _tree.New.Any())
        {
            output.AddMutation(
                time,
                removes =>
                {
                    foreach ((long id, long parent) in _tree.Removed)
                    {
                        MobileDocument.WriteRemoval(removes, id, parent);
                    }
                },
                adds => MobileDocument.WriteAdds(adds, _tree));
        }

        _tree.End();
    }

    private void Place(JsonElement items, JsonElement time, MobileEvents output)
    {
        foreach (JsonElement item in items.Items())
        {
            JsonElement wireframe = item.Get("wireframe"u8);
            if (wireframe.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            JsonElement parent = item.Get("parentId"u8);
            if (WireframeIds.Of(parent) is null)
            {
                Turn(wireframe, time, output);
            }

            _tree.Place(wireframe, parent);
        }
    }

    /// <summary>
    /// Tells the player that the screen was turned. SDKs say the size of a screen once, and then send wider wireframes. A
    /// dialog or a bar is smaller than the screen, so it does not turn it.
    /// </summary>
    private void Turn(JsonElement roots, JsonElement time, MobileEvents output)
    {
        (double width, double height) = ScreenSize.Widest(roots);
        bool isTurned = width > 0 && height > 0 && (width > height) != (_size.Width > _size.Height)
            && (width > _size.Width || height > _size.Height) && width * height * 2 > _size.Width * _size.Height;
        if (_size.Width > 0 && isTurned)
        {
            Resized((width, height), time, output);
        }
    }

    private void Resized((double Width, double Height) size, JsonElement time, MobileEvents output)
    {
        if (size.Width <= 0 || size.Height <= 0)
        {
            return;
        }

        _size = size;
        output.Add(4, time, json =>
        {
            json.WriteString("href"u8, "");
            json.WriteNumber("width"u8, size.Width);
            json.WriteNumber("height"u8, size.Height);
        });
    }

    private static void Move(JsonElement positions, JsonElement time, MobileEvents output)
    {
        (double X, double Y, double Offset)[] sound =
        [
            .. positions.Items().Take(MaxPositions)
                .Select(one => (X: one.Get("x"u8).Pixels(), Y: one.Get("y"u8).Pixels(), Offset: one.Get("timeOffset"u8).Number() ?? 0))
                .Where(one => one is { X: not null, Y: not null })
                .Select(one => (one.X!.Value, one.Y!.Value, Math.Clamp(one.Offset, -10_000, 0))),
        ];
        if (sound.Length > 0)
        {
            WriteMove(sound, time, output);
        }
    }

    // An SDK names a finger where rrweb has an element, so a touch is one of the body.
    private static void Touch(JsonElement data, JsonElement time, MobileEvents output)
    {
        if (data.Get("type"u8).Number() is not (>= 0 and <= 10 and var type)
            || data.Get("x"u8).Pixels() is not { } x || data.Get("y"u8).Pixels() is not { } y)
        {
            Move(data.Get("positions"u8), time, output);
            return;
        }

        WriteMove([(x, y, 0)], time, output);
        output.Add(3, time, json =>
        {
            json.WriteNumber("source"u8, MouseInteraction);
            json.WriteNumber("type"u8, (int)type);
            json.WriteNumber("id"u8, WireframeIds.Body);
            json.WriteNumber("x"u8, x);
            json.WriteNumber("y"u8, y);
            json.WriteNumber("pointerType"u8, 2);
        });
    }

    private static void WriteMove((double X, double Y, double Offset)[] positions, JsonElement time, MobileEvents output) =>
        output.Add(3, time, json =>
        {
            json.WriteNumber("source"u8, TouchMove);
            json.WriteStartArray("positions"u8);
            foreach ((double x, double y, double offset) in positions)
            {
                json.WriteStartObject();
                json.WriteNumber("x"u8, x);
                json.WriteNumber("y"u8, y);
                json.WriteNumber("id"u8, WireframeIds.Body);
                json.WriteNumber("timeOffset"u8, offset);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
}
