/**
 * Icons as path data on a 20 px grid, for a 1.6 px stroke in `currentColor`. Each is its own export, so that the widget
 * carries only those it draws.
 */

const circle = (x: number, y: number, r: number) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

export const bubble = "M4.5 4h11A1.5 1.5 0 0 1 17 5.5v7a1.5 1.5 0 0 1-1.5 1.5H9l-4 3v-3h-.5A1.5 1.5 0 0 1 3 12.5v-7A1.5 1.5 0 0 1 4.5 4z";
export const bolt = "M11.2 2.5 4.5 11.5h4.6l-.8 6 7-9.5h-4.8z";
export const more = `${circle(4.6, 10, 0.4)}${circle(10, 10, 0.4)}${circle(15.4, 10, 0.4)}`;
export const chevronDown = "m5 7.5 5 5 5-5";
export const chevronUp = "m5 12.5 5-5 5 5";
export const chevronRight = "m7.5 5 5 5-5 5";
export const chevronLeft = "m12.5 5-5 5 5 5";
export const arrowRight = "M4 10h12m-4.5-4.5L16 10l-4.5 4.5";
export const cross = "m5 5 10 10M15 5 5 15";
export const check = "m4.5 10.5 3.7 3.7 7.3-8.2";
export const send = "M3.5 4.2 17 10 3.5 15.8 6 10zM6 10h5";
export const people = `${circle(7.5, 7, 2.7)}M2.5 16.5c.3-3 2.3-4.5 5-4.5s4.7 1.5 5 4.5M13 4.5a2.6 2.6 0 0 1 0 5M14.8 12.4c1.6.6 2.6 2 2.8 4.1`;
export const person = `${circle(10, 6.7, 3)}M4 17c.3-3.3 2.7-5 6-5s5.7 1.7 6 5`;
export const clock = `${circle(10, 10, 7)}M10 6v4l2.7 1.7`;
export const globe = `${circle(10, 10, 7)}M3 10h14M10 3c2.3 2 3.2 4.3 3.2 7s-.9 5-3.2 7c-2.3-2-3.2-4.3-3.2-7S7.7 5 10 3z`;
export const phone = "M4.7 3.5h2.1c.4 0 .7.2.8.6l.8 2.8c.1.3 0 .7-.2.9L6.8 9.1a9.5 9.5 0 0 0 4.1 4.1l1.3-1.4c.2-.2.6-.3.9-.2l2.8.8c.4.1.6.4.6.8v2.1c0 .7-.5 1.2-1.2 1.2C9 16.5 3.5 11 3.5 4.7c0-.7.5-1.2 1.2-1.2z";
export const phoneDown = "M2.6 12.2c-.5-.6-.5-1.5 0-2.1C4.5 8.1 7.1 7 10 7s5.5 1.1 7.4 3.1c.5.6.5 1.5 0 2.1l-1 1c-.3.3-.7.3-1 .1l-2.3-1.5a.8.8 0 0 1-.4-.8l.1-1.4a9.4 9.4 0 0 0-5.6 0l.1 1.4c0 .3-.1.6-.4.8l-2.3 1.5c-.3.2-.7.2-1-.1z";
export const bell = "M10 3a4.8 4.8 0 0 0-4.8 4.8c0 3.7-1.7 4.9-1.7 6h13c0-1.1-1.7-2.3-1.7-6A4.8 4.8 0 0 0 10 3zM8.3 16.5c.4.6 1 .9 1.7.9s1.3-.3 1.7-.9";
export const calendar = "M5 4.5h10A1.5 1.5 0 0 1 16.5 6v9a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 15V6A1.5 1.5 0 0 1 5 4.5zM3.5 8.5h13M7 2.8v3.2M13 2.8v3.2";
export const triangle = "M10 3.5 17.5 16h-15zM10 8.3v3.6M10 14h.01";
export const info = `${circle(10, 10, 7)}M10 9.3v4M10 6.6h.01`;
export const microphone = "M10 2.8A2.3 2.3 0 0 0 7.7 5v4.7a2.3 2.3 0 0 0 4.6 0V5A2.3 2.3 0 0 0 10 2.8zM5 9.5a5 5 0 0 0 10 0M10 14.5v3";
export const microphoneOff = `${microphone}M3.5 3.5l13 13`;
export const headset = "M3.5 12V10a6.5 6.5 0 0 1 13 0v2M3.5 11.5h2.3v4.5H4.7a1.2 1.2 0 0 1-1.2-1.2zM16.5 11.5h-2.3v4.5h1.1a1.2 1.2 0 0 0 1.2-1.2z";
export const wifiOff = "M2.5 8a11.5 11.5 0 0 1 15 0M5.3 11.3a7 7 0 0 1 9.4 0M8 14.2a3 3 0 0 1 4 0M10 16.5h.01M3.5 3.5l13 13";
export const dot = `${circle(10, 10, 4)}${circle(10, 10, 2.5)}${circle(10, 10, 1)}`;
export const ring = circle(10, 10, 4);
export const pause = "M7.5 5.5v9M12.5 5.5v9";
export const held = `${circle(10, 10, 7)}M8.2 7.5v5M11.8 7.5v5`;
export const pencil = "M4 16l.8-3.3L13 4.5l2.5 2.5-8.2 8.2zM11.5 6l2.5 2.5";
export const lock = "M6 9h8a1 1 0 0 1 1 1v5.5a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1zM7 9V6.5a3 3 0 0 1 6 0V9";
export const search = `${circle(9, 9, 5)}M12.7 12.7l3.8 3.8`;
export const voicemail = `${circle(5.5, 10, 3)}${circle(14.5, 10, 3)}M5.5 13h9`;
export const note = "M5 3.5h10v9l-4 4H5zM11 16.5v-4h4M7.5 7h5M7.5 10h3";
export const grid = "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 11h5v5h-5z";
export const table = "M3.5 4.5h13v11h-13zM3.5 8.2h13M3.5 11.8h13M8 4.5v11";
export const sliders = `M3.5 6.5h6M13.5 6.5h3M3.5 13.5h3M10.5 13.5h6${circle(11.5, 6.5, 2)}${circle(8.5, 13.5, 2)}`;
export const plus = "M10 4.5v11M4.5 10h11";
export const logOut = "M8.5 4H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3.5M9 10h8M14 7l3 3-3 3";
export const shield = "M10 2.8 16 5v4.5c0 3.7-2.4 6.4-6 7.7-3.6-1.3-6-4-6-7.7V5z";
export const back = "M8.2 5 4.7 8.5 8.2 12M4.7 8.5h6.8a3.7 3.7 0 0 1 0 7.4H8.5";
export const list = "M7.5 5.5h9M7.5 10h9M7.5 14.5h9M4 5.5h.01M4 10h.01M4 14.5h.01";
export const chart = "M4.5 16V11M10 16V4.5M15.5 16V8M3 16.5h14";
export const checkCircle = `${circle(10, 10, 7)}m6.8 10.3 2.2 2.2 4.2-4.6`;
